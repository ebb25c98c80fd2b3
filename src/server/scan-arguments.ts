/**
 * ScanArguments: the cursor and options that SCAN, SSCAN, HSCAN and ZSCAN have in common.
 *
 *   HSCAN key cursor [MATCH pattern] [COUNT count]           SCAN has TYPE type besides
 *
 * A cursor is any unsigned number of 64 bits as C's strtoul reads it; ours are small, and one that nobody was
 * given begins somewhere, as in Redis.
 *
 * Source: redis 7.0 `src/db.c`, parseScanCursorOrReply and scanGenericCommand.
 */
import type { ByteString } from '../bytes/byte-string.ts'
import { globMatcher } from '../bytes/glob.ts'
import { integerArgument, word } from './arguments.ts'
import { Refusal, SYNTAX } from './replies.ts'

export type ScanOptions = {
  readonly count: number
  /** Undefined: everything matches. */
  readonly matches: ((text: string) => boolean) | undefined
  /** SCAN only: the name of a type. */
  readonly type: ByteString | undefined
}

const COUNT_DEFAULT = 10
const CURSOR = /^[+-]?\d+$|^$/

/** @throws Refusal `ERR invalid cursor` */
export function scanCursor(text: ByteString): number {
  if (!CURSOR.test(text)) throw new Refusal('ERR invalid cursor')
  const value = BigInt(text.replace(/^[+-]/, '') || 0)
  if (value >= 2n ** 64n) throw new Refusal('ERR invalid cursor')
  return Number(BigInt.asUintN(64, text.startsWith('-') ? -value : value))
}

/** The options from index `from` on. */
export function scanOptions(argv: readonly ByteString[], from: number, mayHaveType = false): ScanOptions {
  let count = COUNT_DEFAULT
  let pattern: ByteString | undefined
  let type: ByteString | undefined
  for (let i = from; i < argv.length; i += 2) {
    const option = word(argv[i]!)
    const value = argv[i + 1]
    if (value === undefined) throw new Refusal(SYNTAX)
    if (option === 'COUNT') {
      count = integerArgument(value)
      if (count < 1) throw new Refusal(SYNTAX)
    } else if (option === 'MATCH') pattern = value
    else if (option === 'TYPE' && mayHaveType) type = value
    else throw new Refusal(SYNTAX)
  }
  const matches = pattern === undefined || pattern === '*' ? undefined : globMatcher(pattern)
  return { count, matches, type }
}
