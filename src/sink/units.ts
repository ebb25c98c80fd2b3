/** Numbers with their units, as a person reads them: `229.6 MB`, `1,500,000`, `4.3 s`, `0.4 ms`. */
import type { Micros } from '../replication/events.ts'

/** `1500000` → `1,500,000`. */
export function count(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ',')
}

/** One count with its noun: `1 key`, `2 keys`. */
export function counted(value: number, noun: string, plural = `${noun}s`): string {
  return `${count(value)} ${value === 1 ? noun : plural}`
}

/** Bytes in the largest decimal unit that leaves a number of at least one: `999 B`, `1.0 kB`, `229.6 MB`. */
export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']
  let scaled = value
  let unit = 0
  while (scaled >= 999.95 && unit < units.length - 1) {
    scaled /= 1000
    unit++
  }
  return unit === 0 ? `${value} B` : `${scaled.toFixed(1)} ${units[unit]}`
}

/** A span of time: `0.4 ms`, `4.3 s`, `2 min 05 s`, `1 h 02 min`. */
export function duration(micros: Micros): string {
  if (micros < 999_950) return `${(micros / 1000).toFixed(1)} ms`
  const seconds = micros / 1e6
  if (seconds < 99.95) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  const minutes = Math.floor(whole / 60)
  if (minutes < 60) return `${minutes} min ${String(whole % 60).padStart(2, '0')} s`
  return `${count(Math.floor(minutes / 60))} h ${String(minutes % 60).padStart(2, '0')} min`
}

/** Bytes a second. */
export function rate(value: number, micros: Micros): string {
  return micros > 0 ? `${bytes(Math.round((value * 1e6) / micros))}/s` : '–'
}

/** A share of a whole: `44.1 %`. */
export function share(part: number, whole: number): string {
  return whole > 0 ? `${((100 * part) / whole).toFixed(1)} %` : '–'
}

/**
 * ISO 8601 in UTC with microseconds: `2026-11-21T09:14:09.123456Z`. Years beyond 9999 are clipped to the
 * end.
 */
export function isoTime(micros: Micros): string {
  if (micros === lastMicros) return lastIso
  lastMicros = micros
  lastIso = isoText(micros)
  return lastIso
}

/** Many events of one chunk have one time. */
let lastMicros = Number.NaN
let lastIso = ''

function isoText(micros: Micros): string {
  const millis = Math.floor(micros / 1000)
  const clipped = Math.min(Math.max(millis, MILLIS_MIN), MILLIS_MAX)
  const rest = clipped === millis ? Math.floor(micros - millis * 1000) : 0
  return `${new Date(clipped).toISOString().slice(0, -1)}${String(rest).padStart(3, '0')}Z`
}

const MILLIS_MIN = Date.UTC(0, 0, 1)
const MILLIS_MAX = Date.UTC(9999, 11, 31, 23, 59, 59, 999)

/** Time of day where the user is: `12:03:04.971`. */
export function clockTime(micros: Micros): string {
  const date = new Date(micros / 1000)
  const two = (value: number) => String(value).padStart(2, '0')
  const millis = String(date.getMilliseconds()).padStart(3, '0')
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${millis}`
}
