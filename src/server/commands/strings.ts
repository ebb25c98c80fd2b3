/**
 * Commands on strings, declared; what they do stands in strings/.
 *
 * Source: redis 7.0 `src/commands/*.json`, group string.
 */
import { ALL_KEYS, defineCommands, KEY_VALUE_PAIRS, ONE_KEY, TWO_KEYS } from '../command-spec.ts'
import { decrby, incrby, incrbyfloat, incrementBy } from './strings/counting.ts'
import { append, setrange } from './strings/editing.ts'
import { get, getdel, getex, getrange, mget, strlen } from './strings/getting.ts'
import { lcs } from './strings/lcs.ts'
import { getset, set, setMany, setnx, setUntil } from './strings/setting.ts'

const READ = { flags: ['readonly', 'fast'], keys: ONE_KEY, effect: 'none' } as const
const READ_SLOWLY = { flags: ['readonly'], keys: ONE_KEY, effect: 'none' } as const
const WRITE = { flags: ['write', 'denyoom'], keys: ONE_KEY, effect: 'same' } as const
const WRITE_FAST = { flags: ['write', 'denyoom', 'fast'], keys: ONE_KEY, effect: 'same' } as const

export const stringCommands = defineCommands({
  get: { ...READ, arity: 2, run: get },
  mget: { ...READ, arity: -2, keys: ALL_KEYS, run: mget },
  strlen: { ...READ, arity: 2, run: strlen },
  getrange: { ...READ_SLOWLY, arity: 4, run: getrange },
  substr: { ...READ_SLOWLY, arity: 4, run: getrange },
  lcs: { ...READ_SLOWLY, arity: -3, keys: TWO_KEYS, run: lcs },
  getdel: { arity: 2, flags: ['write', 'fast'], keys: ONE_KEY, effect: 'own', run: getdel },
  getex: { arity: -2, flags: ['write', 'fast'], keys: ONE_KEY, effect: 'own', run: getex },
  set: { ...WRITE, arity: -3, run: set },
  setnx: { ...WRITE_FAST, arity: 3, run: setnx },
  setex: { ...WRITE, arity: 4, effect: 'own', run: (call) => setUntil(call, 'EX') },
  psetex: { ...WRITE, arity: 4, effect: 'own', run: (call) => setUntil(call, 'PX') },
  getset: { ...WRITE_FAST, arity: 3, effect: 'own', run: getset },
  mset: { ...WRITE, arity: -3, keys: KEY_VALUE_PAIRS, run: (call) => setMany(call, false) },
  msetnx: { ...WRITE, arity: -3, keys: KEY_VALUE_PAIRS, run: (call) => setMany(call, true) },
  append: { ...WRITE_FAST, arity: 3, run: append },
  setrange: { ...WRITE, arity: 4, run: setrange },
  incr: { ...WRITE_FAST, arity: 2, run: (call) => incrementBy(call, 1) },
  decr: { ...WRITE_FAST, arity: 2, run: (call) => incrementBy(call, -1) },
  incrby: { ...WRITE_FAST, arity: 3, run: incrby },
  decrby: { ...WRITE_FAST, arity: 3, run: decrby },
  incrbyfloat: { ...WRITE_FAST, arity: 3, effect: 'own', run: incrbyfloat },
})
