/**
 * Strings that are numbers: INCR, DECR, INCRBY, DECRBY, INCRBYFLOAT.
 *
 * Small numbers are reckoned as numbers, what leaves 2^53 as bigints; fractions as C's long doubles, so that
 * the digits are Redis's own (see extended-float.ts).
 *
 * Source: redis 7.0 `src/t_string.c`, incrDecrCommand, incrbyfloatCommand.
 */
import type { ByteString } from '../../../bytes/byte-string.ts'
import { bigintArgument, smallInteger } from '../../arguments.ts'
import type { Call } from '../../call.ts'
import { StringValue } from '../../dataset/string-value.ts'
import { addExtended, type ExtendedFloat, extendedText, parseExtended } from '../../extended-float.ts'
import { NOT_A_FLOAT, Refusal, type Reply } from '../../replies.ts'

const INT64_MIN = -(2n ** 63n)
/** Longer texts are no numbers for Redis. */
const FLOAT_CHARS_MAX = 5 * 1024
const SET = 'SET' as ByteString
const KEEPTTL = 'KEEPTTL' as ByteString

/** INCRBY key increment */
export function incrby(call: Call): Reply {
  const text = call.argv[2]!
  return incrementBy(call, smallInteger(text) ?? bigintArgument(text))
}

/** DECRBY key decrement */
export function decrby(call: Call): Reply {
  const text = call.argv[2]!
  const by = smallInteger(text) ?? bigintArgument(text)
  if (by === INT64_MIN) throw new Refusal('ERR decrement would overflow')
  return incrementBy(call, -by)
}

/** Adds to the integer at the key of the call. */
export function incrementBy(call: Call, by: number | bigint): Reply {
  const key = call.argv[1]!
  const value = call.findForWrite(key, 'string')
  const sum = sumOf(value, by)
  if (value === undefined) call.add(key, StringValue.ofInteger(sum))
  else value.replaceByInteger(sum)
  call.modified(key)
  call.notify('$', 'incrby', key)
  return sum
}

function sumOf(value: StringValue | undefined, by: number | bigint): number | bigint {
  const old = value === undefined ? 0 : value.smallInteger
  if (old !== undefined && typeof by === 'number') {
    const sum = old + by
    if (Number.isSafeInteger(sum)) return sum
  }
  const sum = (old === undefined ? longInteger(value!) : BigInt(old)) + BigInt(by)
  if (BigInt.asIntN(64, sum) !== sum) throw new Refusal('ERR increment or decrement would overflow')
  return sum
}

function longInteger(value: StringValue): bigint {
  return bigintArgument(value.isInteger ? value.text : '')
}

/** INCRBYFLOAT key increment: replicas get the outcome. */
export function incrbyfloat(call: Call): Reply {
  const [, key, increment] = call.argv as [ByteString, ByteString, ByteString]
  const value = call.findForWrite(key, 'string')
  const old = value === undefined ? '0' : value.length < FLOAT_CHARS_MAX ? value.text : ''
  const text = floatSum(extendedArgument(old), extendedArgument(increment))
  if (value === undefined) call.add(key, new StringValue(text, 'text'))
  else value.replace(text, 'text')
  call.modified(key)
  call.notify('$', 'incrbyfloat', key)
  call.propagate([SET, key, text, KEEPTTL])
  return text
}

/** @throws Refusal `ERR value is not a valid float`, or the message given */
export function extendedArgument(text: string, refusal: string = NOT_A_FLOAT): ExtendedFloat {
  const value = parseExtended(text)
  if (value === undefined) throw new Refusal(refusal)
  return value
}

/** The sum as Redis stores it. @throws Refusal where it is not finite */
export function floatSum(a: ExtendedFloat, b: ExtendedFloat): ByteString {
  const sum = addExtended(a, b)
  if (sum === undefined || sum.isInfinite) throw new Refusal('ERR increment would produce NaN or Infinity')
  return extendedText(sum) as ByteString
}
