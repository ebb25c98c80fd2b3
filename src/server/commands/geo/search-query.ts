/**
 * What a search for places asks for, read from its words.
 *
 *   GEOSEARCH key  FROMMEMBER m | FROMLONLAT lon lat  BYRADIUS r unit | BYBOX w h unit
 *                  [WITH…] [COUNT n [ANY]] [ASC | DESC]
 *   GEORADIUS key  lon lat r unit  [WITH…] [COUNT n [ANY]] [ASC | DESC] [STORE key | STOREDIST key]
 *
 * Words are checked even where the key does not exist; only then its members cannot be.
 *
 * Source: redis 7.0 `src/geo.c`, georadiusGeneric.
 */
import type { ByteString } from '../../../bytes/byte-string.ts'
import { integerArgument, word } from '../../arguments.ts'
import type { SortedSetValue } from '../../dataset/sorted-set-value.ts'
import { type Point, pointOf } from '../../geo/cells.ts'
import type { Shape } from '../../geo/shape.ts'
import { Refusal, SYNTAX } from '../../replies.ts'
import { boxArgument, pointArgument, radiusArgument } from './arguments.ts'

export type SearchForm = {
  readonly kind: 'search' | 'radius' | 'member'
  /** GEOSEARCHSTORE: the first key is the destination. */
  readonly store: boolean
  readonly mayStore: boolean
}

type Extent = { readonly unit: number } & (
  | { readonly radius: number }
  | { readonly width: number; readonly height: number }
)

export type SearchQuery = {
  /** Undefined where the key does not exist, and with it the member that is the centre. */
  readonly shape: Shape | undefined
  /** Metres in the unit that was named. */
  readonly unit: number
  readonly order: 'asc' | 'desc' | undefined
  readonly count: number | undefined
  /** The first that are found will do. */
  readonly isAny: boolean
  readonly withDistance: boolean
  readonly withHash: boolean
  readonly withPoint: boolean
  readonly storeKey: ByteString | undefined
  readonly storesDistance: boolean
}

/** @throws Refusal as Redis does, in its order */
export function searchQuery(
  argv: readonly ByteString[],
  form: SearchForm,
  value: SortedSetValue | undefined,
): SearchQuery {
  return new Reader(argv, form, value).read()
}

class Reader {
  readonly #argv: readonly ByteString[]
  readonly #form: SearchForm
  readonly #value: SortedSetValue | undefined
  #at: number
  #centre: Point | undefined
  #from: 'member' | 'point' | undefined
  #extent: Extent | undefined
  #count: number | undefined
  #order: 'asc' | 'desc' | undefined
  #storeKey: ByteString | undefined
  #storesDistance = false
  readonly #with = new Set<string>()

  constructor(argv: readonly ByteString[], form: SearchForm, value: SortedSetValue | undefined) {
    this.#argv = argv
    this.#form = form
    this.#value = value
    this.#at = form.kind === 'radius' ? 6 : form.kind === 'member' ? 5 : form.store ? 3 : 2
    if (form.store) this.#storeKey = argv[1]!
  }

  read(): SearchQuery {
    this.#readFixed()
    for (; this.#at < this.#argv.length; this.#at++) this.#readOption(word(this.#argv[this.#at]!))
    this.#check()
    return {
      shape: shapeOf(this.#centre, this.#extent),
      unit: this.#extent?.unit ?? 1,
      order: this.#order,
      count: this.#count,
      isAny: this.#with.has('ANY'),
      withDistance: this.#with.has('WITHDIST'),
      withHash: this.#with.has('WITHHASH'),
      withPoint: this.#with.has('WITHCOORD'),
      storeKey: this.#storeKey,
      storesDistance: this.#storesDistance,
    }
  }

  #readFixed(): void {
    const [, , first, second, third, fourth] = this.#argv as readonly [ByteString, ...ByteString[]]
    if (this.#form.kind === 'radius') {
      this.#centre = pointArgument(first!, second!)
      this.#extent = radiusArgument(third!, fourth!)
    } else if (this.#form.kind === 'member' && this.#value !== undefined) {
      this.#centre = this.#memberPoint(first!)
      this.#extent = radiusArgument(second!, third!)
    }
  }

  #readOption(name: string): void {
    const left = this.#argv.length - this.#at - 1
    if (FLAGS.has(name)) this.#with.add(name)
    else if (name === 'ASC') this.#order = 'asc'
    else if (name === 'DESC') this.#order = 'desc'
    else if (name === 'COUNT' && left > 0) {
      this.#count = integerArgument(this.#next())
      if (this.#count <= 0) throw new Refusal('ERR COUNT must be > 0')
    } else if (this.#form.kind === 'search') this.#readSearchOption(name, left)
    else if ((name === 'STORE' || name === 'STOREDIST') && this.#form.mayStore && left > 0) {
      this.#storeKey = this.#next()
      this.#storesDistance = name === 'STOREDIST'
    } else throw new Refusal(SYNTAX)
  }

  #readSearchOption(name: string, left: number): void {
    const extent = this.#extent
    if (name === 'FROMMEMBER' && left > 0 && this.#from !== 'point') {
      const member = this.#next()
      if (this.#value !== undefined) this.#centre = this.#memberPoint(member)
      this.#from = 'member'
    } else if (name === 'FROMLONLAT' && left > 1 && this.#from !== 'member') {
      this.#centre = pointArgument(this.#next(), this.#next())
      this.#from = 'point'
    } else if (name === 'BYRADIUS' && left > 1 && (extent === undefined || 'radius' in extent)) {
      this.#extent = radiusArgument(this.#next(), this.#next())
    } else if (name === 'BYBOX' && left > 2 && (extent === undefined || 'width' in extent)) {
      this.#extent = boxArgument(this.#next(), this.#next(), this.#next())
    } else if (name === 'STOREDIST' && this.#form.store) this.#storesDistance = true
    else throw new Refusal(SYNTAX)
  }

  #check(): void {
    const { kind, store } = this.#form
    const isWithMore = ['WITHDIST', 'WITHHASH', 'WITHCOORD'].some((name) => this.#with.has(name))
    if (this.#storeKey !== undefined && isWithMore) {
      const what = store ? 'GEOSEARCHSTORE' : 'STORE option in GEORADIUS'
      throw new Refusal(`ERR ${what} is not compatible with WITHDIST, WITHHASH and WITHCOORD options`)
    }
    if (kind === 'search' && this.#from === undefined)
      throw new Refusal(this.#oneOf('FROMMEMBER or FROMLONLAT'))
    if (kind === 'search' && this.#extent === undefined) throw new Refusal(this.#oneOf('BYRADIUS and BYBOX'))
    if (this.#with.has('ANY') && this.#count === undefined) {
      throw new Refusal('ERR the ANY argument requires COUNT argument')
    }
  }

  #oneOf(options: string): string {
    return `ERR exactly one of ${options} can be specified for ${this.#argv[0]}`
  }

  #memberPoint(member: ByteString): Point {
    const score = this.#value!.score(member)
    if (score === undefined) throw new Refusal('ERR could not decode requested zset member')
    return pointOf(score)
  }

  #next(): ByteString {
    return this.#argv[++this.#at]!
  }
}

const FLAGS: ReadonlySet<string> = new Set(['WITHDIST', 'WITHHASH', 'WITHCOORD', 'ANY'])

function shapeOf(centre: Point | undefined, extent: Extent | undefined): Shape | undefined {
  if (centre === undefined || extent === undefined) return undefined
  if ('radius' in extent) return { kind: 'circle', centre, radius: extent.radius }
  return { kind: 'box', centre, width: extent.width, height: extent.height }
}
