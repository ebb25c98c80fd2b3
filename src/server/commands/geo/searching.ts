/**
 * Places near a point: GEOSEARCH, GEOSEARCHSTORE, and the elder GEORADIUS and GEORADIUSBYMEMBER.
 *
 * Source: redis 7.0 `src/geo.c`, georadiusGeneric.
 */
import type { ByteString } from '../../../bytes/byte-string.ts'
import { word } from '../../arguments.ts'
import type { Call } from '../../call.ts'
import { defineCommands, ONE_KEY, TWO_KEYS } from '../../command-spec.ts'
import { SortedSetValue } from '../../dataset/sorted-set-value.ts'
import { type Point, pointOf, scoresOf } from '../../geo/cells.ts'
import { distance } from '../../geo/distance.ts'
import { cellsOf, distanceWithin, type Shape } from '../../geo/shape.ts'
import { EXACT } from '../../geo/trigonometry.ts'
import { partialSort } from '../../partial-sort.ts'
import type { Reply } from '../../replies.ts'
import { scoresBetween } from '../sorted-sets/ranges.ts'
import { storeRanked } from '../sorted-sets/storing.ts'
import { distanceReply, pointReply } from './places.ts'
import { type SearchForm, type SearchQuery, searchQuery } from './search-query.ts'

type Place = {
  readonly member: ByteString
  readonly score: number
  readonly point: Point
  /** Metres. */
  readonly distance: number
}

function search(call: Call, form: SearchForm): Reply {
  const key = call.argv[form.store ? 2 : 1]!
  const value = call.find(key, 'zset')
  const query = searchQuery(call.argv, form, value)
  const places = value === undefined ? [] : wanted(value, query)
  if (query.storeKey !== undefined) return store(call, form, query, places)
  return places.map((place) => placeReply(place, query))
}

/** The places that are asked for, in the order that is asked for. */
function wanted(value: SortedSetValue, { shape, order, count, isAny }: SearchQuery): Place[] {
  const places = within(value, shape!, isAny ? count : undefined)
  const sorting = order ?? (count !== undefined && !isAny ? 'asc' : undefined)
  const isCut = count !== undefined && count < places.length
  if (sorting !== undefined) {
    const compare = COMPARE[sorting]
    if (isCut) partialSort(places, compare, 0, count - 1)
    else places.sort(compare)
  }
  return isCut ? places.slice(0, count) : places
}

const COMPARE = {
  asc: (a: Place, b: Place) => a.distance - b.distance,
  desc: (a: Place, b: Place) => b.distance - a.distance,
} as const

/** @param limit enough; undefined: all are wanted */
function within(value: SortedSetValue, shape: Shape, limit: number | undefined): Place[] {
  const places: Place[] = []
  for (const cell of cellsOf(shape)) {
    const { low, high } = scoresOf(cell)
    const { from, to } = scoresBetween(low, high).ascending(value)
    for (const { member, score } of value.ascending(from, to)) {
      const point = pointOf(score)
      const found = distanceWithin(shape, point)
      if (found === undefined) continue
      places.push({ member, score, point, distance: found })
      if (places.length === limit) return places
    }
  }
  return places
}

function placeReply({ member, score, point, distance: metres }: Place, query: SearchQuery): Reply {
  const { withDistance, withHash, withPoint, unit } = query
  if (!withDistance && !withHash && !withPoint) return member
  const reply: Reply[] = [member]
  if (withDistance) reply.push(distanceReply(metres / unit))
  if (withHash) reply.push(Math.trunc(score))
  if (withPoint) reply.push(pointReply(point))
  return reply
}

function store(call: Call, form: SearchForm, query: SearchQuery, places: readonly Place[]): Reply {
  const { limits } = call.server.settings
  const stored = new SortedSetValue()
  for (const { member, score, point } of places) {
    const stands = query.storesDistance ? distance(query.shape!.centre, point, EXACT) / query.unit : score
    stored.set(member, stands, limits)
  }
  const event = form.kind === 'search' ? 'geosearchstore' : 'georadiusstore'
  return storeRanked(call, query.storeKey!, stored, event, places.length)
}

/**
 * The source, and what follows the first STORE and the first STOREDIST, from `from` on; where one of them
 * has nothing behind it, the last that has.
 */
const radiusKeys =
  (from: number) =>
  (argv: readonly ByteString[]): readonly number[] => {
    const behind = (name: string) => argv.findIndex((text, i) => i >= from && word(text) === name) + 1
    const found = ['STORE', 'STOREDIST'].map(behind).filter((at) => at > 0)
    if (found.every((at) => at < argv.length)) return [1, ...found]
    let last: number | undefined
    for (let i = 5; i + 1 < argv.length; i++) if (/^STORE(?:DIST)?$/.test(word(argv[i]!))) last = ++i
    return last === undefined ? [1] : [1, last]
  }

const STORING = {
  flags: ['write', 'denyoom', 'movablekeys'],
  keys: ONE_KEY,
  effect: 'same',
} as const
const READING = { flags: ['readonly'], keys: ONE_KEY, effect: 'none' } as const
const RADIUS: SearchForm = { kind: 'radius', store: false, mayStore: true }
const MEMBER: SearchForm = { kind: 'member', store: false, mayStore: true }

export const searchingCommands = defineCommands({
  geosearch: {
    ...READING,
    arity: -7,
    run: (call) => search(call, { kind: 'search', store: false, mayStore: false }),
  },
  geosearchstore: {
    arity: -8,
    flags: ['write', 'denyoom'],
    keys: TWO_KEYS,
    effect: 'same',
    run: (call) => search(call, { kind: 'search', store: true, mayStore: true }),
  },
  georadius: { ...STORING, arity: -6, findKeys: radiusKeys(6), run: (call) => search(call, RADIUS) },
  georadiusbymember: { ...STORING, arity: -5, findKeys: radiusKeys(5), run: (call) => search(call, MEMBER) },
  georadius_ro: { ...READING, arity: -6, run: (call) => search(call, { ...RADIUS, mayStore: false }) },
  georadiusbymember_ro: {
    ...READING,
    arity: -5,
    run: (call) => search(call, { ...MEMBER, mayStore: false }),
  },
})
