/**
 * Distances on a globe, by the haversine formula, in metres.
 *
 * Source: redis 7.0 `src/geohash_helper.c`.
 */
import type { Point } from './cells.ts'

/** Quadratic mean radius of WGS 84. */
export const EARTH_RADIUS = 6372797.560856
const RADIAN = Math.PI / 180

export function radians(degrees: number): number {
  return degrees * RADIAN
}

export function degrees(angle: number): number {
  return angle / RADIAN
}

export type Trigonometry = Pick<Math, 'sin' | 'cos' | 'asin'>

/** @param trigonometry how exactly it is reckoned */
export function distance(a: Point, b: Point, { sin, cos, asin }: Trigonometry = Math): number {
  const v = sin((radians(b.longitude) - radians(a.longitude)) / 2)
  if (v === 0) return latitudeDistance(a.latitude, b.latitude)
  const [north, south] = [radians(a.latitude), radians(b.latitude)]
  const u = sin((south - north) / 2)
  return 2 * EARTH_RADIUS * asin(Math.sqrt(u * u + cos(north) * cos(south) * v * v))
}

export function latitudeDistance(a: number, b: number): number {
  return EARTH_RADIUS * Math.abs(radians(b) - radians(a))
}
