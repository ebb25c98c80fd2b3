/**
 * 64-bit capture timestamps in any resolution → microseconds.
 *
 *   value = high·2³² + low, in units of 10^-n or 2^-n seconds (if_tsresol), plus if_tsoffset seconds
 *
 * Nanoseconds since the epoch do not fit a double, their seconds and the rest do: the value is divided in
 * digits of 16 bits, exactly. So a time that is whole in microseconds comes out whole.
 * Source: draft-ietf-opsawg-pcapng, if_tsresol, if_tsoffset.
 */
import type { Micros } from './capture-event.ts'

/** Up to this many units a second, every step of the division is exact. */
const EXACT_MAX = 2 ** 37

/** Units per second of an if_tsresol byte: a power of ten, or of two where the high bit is set. */
export function unitsPerSecond(resolution: number): number {
  return (resolution & 0x80) === 0 ? 10 ** resolution : 2 ** (resolution & 0x7f)
}

/** @param high @param low the two unsigned halves. @param units per second. */
export function toMicros(high: number, low: number, units: number): Micros {
  if (units === 1e6) return high * 4294967296 + low
  if (units > EXACT_MAX) return ((high * 4294967296 + low) / units) * 1e6
  const first = Math.floor(high / units)
  const middle = (high % units) * 65536 + (low >>> 16)
  const second = Math.floor(middle / units)
  const last = (middle % units) * 65536 + (low & 0xffff)
  const third = Math.floor(last / units)
  const seconds = (first * 65536 + second) * 65536 + third
  return seconds * 1e6 + ((last % units) * 1e6) / units
}
