/**
 * SCAN: the keys of a database, a few at a time, while it changes.
 *
 * The cursor is a place in the database's dense table (slots.ts says why that misses nothing); the options
 * are shared with HSCAN, SSCAN and ZSCAN. Source: redis 7.0 `src/db.c`, scanGenericCommand.
 */
import type { ByteString } from '../../../bytes/byte-string.ts'
import { globMatcher } from '../../../bytes/glob.ts'
import { integerArgument, word } from '../../arguments.ts'
import type { Call } from '../../call.ts'
import { defineCommands, NO_KEYS } from '../../command-spec.ts'
import { Refusal, type Reply, SYNTAX } from '../../replies.ts'

export type ScanOptions = {
  readonly count: number
  /** Whether a name is wanted; undefined: all are. */
  readonly matches: ((name: string) => boolean) | undefined
  readonly type: string | undefined
}

const COUNT_DEFAULT = 10

/** @throws Refusal `ERR invalid cursor` */
export function cursorOf(text: ByteString): number {
  // C reads nothing at all as 0, and a zero byte as the end.
  const digits = text === '' || text[0] === '\0' ? '0' : /^[+-]?(\d+)(?:\0|$)/.exec(text)?.[1]
  if (digits === undefined || BigInt(digits) >= 2n ** 64n) throw new Refusal('ERR invalid cursor')
  return text.startsWith('-') ? Number(BigInt.asUintN(64, -BigInt(digits))) : Number(digits)
}

/** The options behind a cursor. @param hasType TYPE is for SCAN only @throws Refusal as Redis does */
export function scanOptions(words: readonly ByteString[], hasType: boolean): ScanOptions {
  let count = COUNT_DEFAULT
  let matches: ScanOptions['matches']
  let type: string | undefined
  for (let i = 0; i < words.length; i += 2) {
    const name = word(words[i]!)
    const value = words[i + 1]
    if (value === undefined) throw new Refusal(SYNTAX)
    if (name === 'COUNT') {
      count = integerArgument(value)
      if (count < 1) throw new Refusal(SYNTAX)
    } else if (name === 'MATCH') matches = value === '*' ? undefined : globMatcher(value)
    else if (name === 'TYPE' && hasType) type = value.toLowerCase()
    else throw new Refusal(SYNTAX)
  }
  return { count, matches, type }
}

function scan(call: Call): Reply {
  const [, cursor, ...words] = call.argv as [ByteString, ByteString, ...ByteString[]]
  const from = cursorOf(cursor)
  const { count, matches, type } = scanOptions(words, true)
  const { db, execution } = call
  execution.notAtomic()
  const found: ByteString[] = []
  const next = db.entries.scan(from, count, (entry) => {
    if (matches !== undefined && !matches(entry.key)) return
    if (type !== undefined && entry.value.type !== type) return
    if (!execution.hasGone(db, entry)) found.push(entry.key)
  })
  return [String(next), found]
}

export const scanCommands = defineCommands({
  scan: { arity: -2, flags: ['readonly'], keys: NO_KEYS, effect: 'none', run: scan },
})
