/**
 * Shape: what is searched for places: a circle or a box around a point; and the cells that cover it.
 *
 *   ┌────┬────┬────┐     the cell of the middle and its eight neighbours, so large that they cover it;
 *   │ nw │ n  │ ne │     those that the shape does not touch are left out. The order of the cells
 *   ├────┼────┼────┤     is the order of the results, where nobody asks for another.
 *   │ w  │ ⊙  │ e  │
 *   ├────┼────┼────┤
 *   │ sw │ s  │ se │
 *   └────┴────┴────┘
 *
 * Source: redis 7.0 `src/geohash_helper.c`, geohashCalculateAreasByShapeWGS84.
 */
import { type Area, areaOf, type Cell, cellOf, neighbour, type Point, STEP_MAX } from './cells.ts'
import { degrees, distance, EARTH_RADIUS, latitudeDistance, radians } from './distance.ts'

/** Lengths in metres. */
export type Shape = { readonly centre: Point } & (
  | { readonly kind: 'circle'; readonly radius: number }
  | { readonly kind: 'box'; readonly width: number; readonly height: number }
)

const MERCATOR_MAX = 20037726.37

/** The distance of a point from the centre, if the point is within the shape. */
export function distanceWithin(shape: Shape, point: Point): number | undefined {
  const { centre } = shape
  if (shape.kind === 'circle') {
    const found = distance(centre, point)
    return found > shape.radius ? undefined : found
  }
  if (latitudeDistance(point.latitude, centre.latitude) > shape.height / 2) return undefined
  const across = distance(point, { longitude: centre.longitude, latitude: point.latitude })
  return across > shape.width / 2 ? undefined : distance(centre, point)
}

/** Cells that cover a shape, in the order in which Redis visits them. */
export function cellsOf(shape: Shape): Cell[] {
  const bounds = boundsOf(shape)
  let cell = cellOf(shape.centre, stepFor(shape))
  if (cell.step > 1 && isTooSmall(cell, bounds)) cell = cellOf(shape.centre, cell.step - 1)
  const area = areaOf(cell)
  const cells = [cell]
  for (const [east, north] of NEIGHBOURS) {
    if (cell.step < 2 || isTouched(area, bounds, east, north)) cells.push(neighbour(cell, east, north))
  }
  return withoutRepeats(cells)
}

const NEIGHBOURS = [
  [0, 1],
  [0, -1],
  [1, 0],
  [-1, 0],
  [1, 1],
  [-1, 1],
  [1, -1],
  [-1, -1],
] as const

/**
 * Where cells are large, neighbours may be the same. Redis compares each with the one before, but not with
 * the first.
 */
function withoutRepeats(cells: readonly Cell[]): Cell[] {
  return cells.filter((cell, i) => {
    const before = i > 1 ? cells[i - 1]! : undefined
    return before === undefined || before.x !== cell.x || before.y !== cell.y
  })
}

/** How often the world is cut so that nine cells cover the shape. */
function stepFor(shape: Shape): number {
  const reach =
    shape.kind === 'circle' ? shape.radius : Math.sqrt((shape.width / 2) ** 2 + (shape.height / 2) ** 2)
  if (reach === 0) return STEP_MAX
  let step = -1
  for (let range = reach; range < MERCATOR_MAX; range *= 2) step++
  // Towards the poles cells are narrow.
  const { latitude } = shape.centre
  if (latitude > 66 || latitude < -66) step--
  if (latitude > 80 || latitude < -80) step--
  return Math.max(1, Math.min(STEP_MAX, step))
}

function boundsOf(shape: Shape): Area {
  const { longitude, latitude } = shape.centre
  const [halfWidth, halfHeight] =
    shape.kind === 'circle' ? [shape.radius, shape.radius] : [shape.width / 2, shape.height / 2]
  const up = degrees(halfHeight / EARTH_RADIUS)
  // The edge that is nearer to the pole spans more degrees.
  const edge = latitude < 0 ? latitude - up : latitude + up
  const aside = degrees(halfWidth / EARTH_RADIUS / Math.cos(radians(edge)))
  return { west: longitude - aside, east: longitude + aside, south: latitude - up, north: latitude + up }
}

function isTooSmall(cell: Cell, bounds: Area): boolean {
  return (
    areaOf(neighbour(cell, 0, 1)).north < bounds.north ||
    areaOf(neighbour(cell, 0, -1)).south > bounds.south ||
    areaOf(neighbour(cell, 1, 0)).east < bounds.east ||
    areaOf(neighbour(cell, -1, 0)).west > bounds.west
  )
}

function isTouched(area: Area, bounds: Area, east: number, north: number): boolean {
  if (north < 0 && area.south < bounds.south) return false
  if (north > 0 && area.north > bounds.north) return false
  if (east < 0 && area.west < bounds.west) return false
  return !(east > 0 && area.east > bounds.east)
}
