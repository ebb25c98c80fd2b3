/**
 * Commands on strings as bitmaps, declared; what they do stands in bitmaps/.
 *
 * Source: redis 7.0 `src/commands/*.json`, group bitmap.
 */
import { defineCommands, ONE_KEY } from '../command-spec.ts'
import { bitfield, bitfieldRo } from './bitmaps/bitfield.ts'
import { bitcount, bitop, bitpos, getbit, setbit } from './bitmaps/bits.ts'

const READ = { flags: ['readonly'], keys: ONE_KEY, effect: 'none' } as const
const READ_FAST = { flags: ['readonly', 'fast'], keys: ONE_KEY, effect: 'none' } as const
const WRITE = { flags: ['write', 'denyoom'], keys: ONE_KEY, effect: 'same' } as const

export const bitmapCommands = defineCommands({
  setbit: { ...WRITE, arity: 4, run: setbit },
  getbit: { ...READ_FAST, arity: 3, run: getbit },
  bitcount: { ...READ, arity: -2, run: bitcount },
  bitpos: { ...READ, arity: -3, run: bitpos },
  bitop: { ...WRITE, arity: -4, keys: { first: 2, last: -1, step: 1 }, run: bitop },
  bitfield: { ...WRITE, arity: -2, run: bitfield },
  bitfield_ro: { ...READ_FAST, arity: -2, run: bitfieldRo },
})
