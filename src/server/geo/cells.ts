/**
 * Cells of a geohash: the world cut in half again and again, by longitude and by latitude, and the number of
 * a cell.
 *
 *   step 2:  y 3 │ 5  7 13 15       a cell is x, y and how often was cut;
 *              2 │ 4  6 12 14       its number has the bits of x and y in turn, x above y
 *              1 │ 1  3  9 11
 *              0 │ 0  2  8 10       at step 26 the number has 52 bits and is the score of a place:
 *                └────────────      places in one cell have scores in one range
 *                  0  1  2  3 x
 *
 * Source: redis 7.0 `src/geohash.c`.
 */
export type Point = { readonly longitude: number; readonly latitude: number }
export type Cell = { readonly x: number; readonly y: number; readonly step: number }
/** Edges of a cell, in degrees. */
export type Area = {
  readonly west: number
  readonly east: number
  readonly south: number
  readonly north: number
}

export const STEP_MAX = 26
/** Web Mercator ends here. */
export const LATITUDE_MAX = 85.05112878
export const LONGITUDE_MAX = 180
const WORD = 2 ** 32

/** The cell of a point. @param latitudeMax 90 for the geohash that everybody else uses */
export function cellOf({ longitude, latitude }: Point, step: number, latitudeMax = LATITUDE_MAX): Cell {
  const cells = 2 ** step
  return {
    x: Math.floor(((longitude + LONGITUDE_MAX) / (2 * LONGITUDE_MAX)) * cells),
    y: Math.floor(((latitude + latitudeMax) / (latitudeMax + latitudeMax)) * cells),
    step,
  }
}

/** The cell `east` to the right and `north` up; the world is round in both directions. */
export function neighbour({ x, y, step }: Cell, east: number, north: number): Cell {
  const cells = 2 ** step
  return { x: (x + east + cells) % cells, y: (y + north + cells) % cells, step }
}

export function areaOf({ x, y, step }: Cell): Area {
  const cells = 2 ** step
  const [width, height] = [2 * LONGITUDE_MAX, 2 * LATITUDE_MAX]
  return {
    west: -LONGITUDE_MAX + (x / cells) * width,
    east: -LONGITUDE_MAX + ((x + 1) / cells) * width,
    south: -LATITUDE_MAX + (y / cells) * height,
    north: -LATITUDE_MAX + ((y + 1) / cells) * height,
  }
}

/** The number of a cell. At the eastern and northern edge of the world it has one bit more. */
export function numberOf({ x, y }: Cell): bigint {
  return (
    (BigInt(spread(x >>> 16)) << 33n) |
    (BigInt(spread(x & 0xffff)) << 1n) |
    (BigInt(spread(y >>> 16)) << 32n) |
    BigInt(spread(y & 0xffff))
  )
}

/** The lowest score in a cell, and the lowest behind it. */
export function scoresOf(cell: Cell): { readonly low: number; readonly high: number } {
  const unit = 2 ** (2 * (STEP_MAX - cell.step))
  const number = Number(numberOf(cell))
  return { low: number * unit, high: (number + 1) * unit }
}

/** The middle of the smallest cell that a score is the number of. */
export function pointOf(score: number): Point {
  const [high, low] = score >= 0 ? [Math.floor(score / WORD) % WORD, score % WORD] : wordsOf(score)
  const cell = {
    x: (gather(high >>> 1) * 65536 + gather(low >>> 1)) >>> 0,
    y: (gather(high) * 65536 + gather(low)) >>> 0,
    step: STEP_MAX,
  }
  const { west, east, south, north } = areaOf(cell)
  return {
    longitude: clamp((west + east) / 2, LONGITUDE_MAX),
    latitude: clamp((south + north) / 2, LATITUDE_MAX),
  }
}

/** Nobody's place has a negative score, but any score may be asked for: C takes its 64 bits as they are. */
function wordsOf(score: number): [number, number] {
  const bits = BigInt.asUintN(64, Number.isFinite(score) ? BigInt(Math.trunc(score)) : 1n << 63n)
  return [Number(bits >> 32n), Number(bits & 0xffff_ffffn)]
}

function clamp(degrees: number, max: number): number {
  return Math.max(-max, Math.min(max, degrees))
}

/** abcd ─► 0a0b0c0d, for 16 bits. */
function spread(bits: number): number {
  let word = (bits | (bits << 8)) & 0x00ff00ff
  word = (word | (word << 4)) & 0x0f0f0f0f
  word = (word | (word << 2)) & 0x33333333
  return ((word | (word << 1)) & 0x55555555) >>> 0
}

/** 0a0b0c0d ─► abcd; what stands between is ignored. */
function gather(bits: number): number {
  let word = bits & 0x55555555
  word = (word | (word >>> 1)) & 0x33333333
  word = (word | (word >>> 2)) & 0x0f0f0f0f
  word = (word | (word >>> 4)) & 0x00ff00ff
  return (word | (word >>> 8)) & 0xffff
}
