/**
 * Timeouts of blocking commands: seconds with fractions (BLPOP, BZPOPMIN), or milliseconds (XREAD BLOCK).
 *
 * Source: redis 7.0 `src/timeout.c`, getTimeoutFromObjectOrReply.
 */
import { floatOf, integerArgument } from '../arguments.ts'
import { Refusal } from '../replies.ts'

/** Redis computes with 64 bits and does not look: what is longer has become negative. */
const MILLIS_MAX = 2 ** 63

/** Seconds as microseconds, whole milliseconds rounded up; 0: for ever. @throws Refusal */
export function secondsTimeout(text: string): number {
  const seconds = floatOf(text)
  if (seconds === undefined) throw new Refusal('ERR timeout is not a float or out of range')
  const millis = Math.ceil(seconds * 1000)
  return micros(millis >= MILLIS_MAX ? -1 : millis)
}

/** Milliseconds as microseconds; 0: for ever. @throws Refusal */
export function millisTimeout(text: string): number {
  return micros(integerArgument(text, 'ERR timeout is not an integer or out of range'))
}

function micros(millis: number): number {
  if (millis < 0) throw new Refusal('ERR timeout is negative')
  return millis * 1000
}
