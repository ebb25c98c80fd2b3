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

export function distance(a: Point, b: Point): number {
  const v = Math.sin((radians(b.longitude) - radians(a.longitude)) / 2)
  if (v === 0) return latitudeDistance(a.latitude, b.latitude)
  const [north, south] = [radians(a.latitude), radians(b.latitude)]
  const u = Math.sin((south - north) / 2)
  return 2 * EARTH_RADIUS * Math.asin(Math.sqrt(u * u + Math.cos(north) * Math.cos(south) * v * v))
}

export function latitudeDistance(a: number, b: number): number {
  return EARTH_RADIUS * Math.abs(radians(b) - radians(a))
}
