/**
 * Places, lengths and units as arguments of the geo commands. Source: redis 7.0 `src/geo.c`,
 * extract…OrReply.
 */
import type { ByteString } from '../../../bytes/byte-string.ts'
import { floatArgument, word } from '../../arguments.ts'
import { LATITUDE_MAX, LONGITUDE_MAX, type Point } from '../../geo/cells.ts'
import { Refusal } from '../../replies.ts'

/** Metres. */
const UNITS: Readonly<Record<string, number>> = { M: 1, KM: 1000, FT: 0.3048, MI: 1609.34 }

/** @throws Refusal */
export function pointArgument(longitudeText: ByteString, latitudeText: ByteString): Point {
  const longitude = floatArgument(longitudeText)
  const latitude = floatArgument(latitudeText)
  if (Math.abs(longitude) <= LONGITUDE_MAX && Math.abs(latitude) <= LATITUDE_MAX)
    return { longitude, latitude }
  throw new Refusal(`ERR invalid longitude,latitude pair ${sixDecimals(longitude)},${sixDecimals(latitude)}`)
}

/** C's `%f`. */
function sixDecimals(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'
  if (Object.is(value, -0)) return '-0.000000'
  return Math.abs(value) < 1e21 ? value.toFixed(6) : `${BigInt(value)}.000000`
}

/** How many metres a unit has. @throws Refusal */
export function unitArgument(text: ByteString): number {
  const unit = UNITS[word(text)]
  if (unit === undefined) throw new Refusal('ERR unsupported unit provided. please use M, KM, FT, MI')
  return unit
}

/** A radius and its unit, both of which must be right. @throws Refusal */
export function radiusArgument(text: ByteString, unitText: ByteString): { radius: number; unit: number } {
  const radius = floatArgument(text, 'ERR need numeric radius')
  if (radius < 0) throw new Refusal('ERR radius cannot be negative')
  const unit = unitArgument(unitText)
  return { radius: radius * unit, unit }
}

/** @throws Refusal */
export function boxArgument(
  widthText: ByteString,
  heightText: ByteString,
  unitText: ByteString,
): { width: number; height: number; unit: number } {
  const width = floatArgument(widthText, 'ERR need numeric width')
  const height = floatArgument(heightText, 'ERR need numeric height')
  if (width < 0 || height < 0) throw new Refusal('ERR height or width cannot be negative')
  const unit = unitArgument(unitText)
  return { width: width * unit, height: height * unit, unit }
}
