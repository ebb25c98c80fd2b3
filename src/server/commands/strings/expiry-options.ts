/**
 * The options of SET and GETEX that concern a key's deadline, and what else stands between them.
 *
 *   SET key value   [NX|XX] [GET] [EX s|PX ms|EXAT s|PXAT ms|KEEPTTL]
 *   GETEX key               [EX s|PX ms|EXAT s|PXAT ms|PERSIST]
 *
 * Words are checked before the number behind them is read as one: that happens when it is needed, in the
 * order of Redis's own checks.
 *
 * Source: redis 7.0 `src/t_string.c`, parseExtendedStringArgumentsOrReply and getExpireMillisecondsOrReply.
 */
import type { ByteString } from '../../../bytes/byte-string.ts'
import { bigintArgument, word } from '../../arguments.ts'
import type { Call } from '../../call.ts'
import { Refusal, SYNTAX } from '../../replies.ts'

export type ExpiryUnit = 'EX' | 'PX' | 'EXAT' | 'PXAT'

export type ExpiryOptions = {
  readonly unit: ExpiryUnit | undefined
  /** What stood behind the unit. */
  readonly time: ByteString | undefined
  readonly keepsTtl: boolean
  readonly persists: boolean
  readonly condition: 'NX' | 'XX' | undefined
  readonly wantsOld: boolean
}

/** A deadline: as the dataset keeps it, and exact to the last digit for replicas. */
export type Deadline = { readonly at: number; readonly text: ByteString }

export const NO_OPTIONS: ExpiryOptions = {
  unit: undefined,
  time: undefined,
  keepsTtl: false,
  persists: false,
  condition: undefined,
  wantsOld: false,
}

/** @throws Refusal `ERR syntax error`: an unknown word, or one that excludes another */
export function expiryOptions(argv: readonly ByteString[], from: number, of: 'set' | 'getex'): ExpiryOptions {
  const options: { -readonly [K in keyof ExpiryOptions]: ExpiryOptions[K] } = { ...NO_OPTIONS }
  for (let i = from; i < argv.length; i++) {
    const option = word(argv[i]!)
    if (of === 'set' && isCondition(option) && (options.condition ?? option) === option) {
      options.condition = option
    } else if (of === 'set' && option === 'GET') options.wantsOld = true
    else if (of === 'set' && option === 'KEEPTTL' && options.unit === undefined) options.keepsTtl = true
    else if (of === 'getex' && option === 'PERSIST' && options.unit === undefined) options.persists = true
    else if (isUnit(option) && i + 1 < argv.length && mayExpire(options, option)) {
      options.unit = option
      options.time = argv[++i]!
    } else throw new Refusal(SYNTAX)
  }
  return options
}

/**
 * The moment that `time` means in `unit`.
 * @throws Refusal `ERR invalid expire time in 'set' command`: not positive, or beyond 64 bits
 */
export function deadline(call: Call, unit: ExpiryUnit, time: ByteString): Deadline {
  const value = bigintArgument(time)
  let at = unit === 'EX' || unit === 'EXAT' ? value * 1000n : value
  if (unit === 'EX' || unit === 'PX') at += BigInt(call.now)
  if (value <= 0n || BigInt.asIntN(64, at) !== at) {
    throw new Refusal(`ERR invalid expire time in '${call.command.name}' command`)
  }
  return { at: Number(at), text: String(at) as ByteString }
}

function isCondition(option: string): option is 'NX' | 'XX' {
  return option === 'NX' || option === 'XX'
}

function isUnit(option: string): option is ExpiryUnit {
  return option === 'EX' || option === 'PX' || option === 'EXAT' || option === 'PXAT'
}

/** The same unit twice is allowed; the last time counts. */
function mayExpire({ unit, keepsTtl, persists }: ExpiryOptions, wanted: ExpiryUnit): boolean {
  return !keepsTtl && !persists && (unit === undefined || unit === wanted)
}
