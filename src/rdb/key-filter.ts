/**
 * Which keys are wanted: by name, type, database and expiry, known when a key begins; by elements and
 * bytes, known when it ends.
 */
import type { RdbKey, RdbKeyEnd } from '../codec/rdb/events.ts'
import type { RdbValueType } from '../codec/rdb/format.ts'

/** Both ends included; an open end is an infinity. */
export type Range = { readonly low: number; readonly high: number }

export type KeyFilterOptions = {
  /** Tests for the name, all of which must hold. */
  readonly names: readonly ((name: string) => boolean)[]
  readonly types: ReadonlySet<RdbValueType> | undefined
  readonly databases: Range | undefined
  /** 'any' expires at all; a range is of unix milliseconds. */
  readonly expires: 'none' | 'any' | Range | undefined
  readonly items: Range | undefined
  readonly bytes: Range | undefined
}

export const EVERY_KEY: KeyFilterOptions = {
  names: [],
  types: undefined,
  databases: undefined,
  expires: undefined,
  items: undefined,
  bytes: undefined,
}

export class KeyFilter {
  readonly #options: KeyFilterOptions

  constructor(options: KeyFilterOptions = EVERY_KEY) {
    this.#options = options
  }

  /** Whether it lets everything pass. */
  get isEvery(): boolean {
    const { names, ...wishes } = this.#options
    return names.length === 0 && Object.values(wishes).every((wish) => wish === undefined)
  }

  /** Whether only the end of a key tells if it is wanted. */
  get isLate(): boolean {
    return this.#options.items !== undefined || this.#options.bytes !== undefined
  }

  /** False: the key is not wanted, whatever its value is. */
  mayWant({ db, key, type, expireAt }: RdbKey): boolean {
    const { names, types, databases, expires } = this.#options
    if (types !== undefined && !types.has(type)) return false
    if (databases !== undefined && !isIn(databases, db)) return false
    if (expires !== undefined && !expiresIn(expires, expireAt)) return false
    // Of a name that is too long to hold, only the beginning can be judged.
    const name = typeof key === 'string' ? key : key.preview
    return names.every((test) => test(name))
  }

  /** Of a key that mayWant() let pass. */
  wants({ items, bytes }: RdbKeyEnd): boolean {
    const options = this.#options
    if (options.items !== undefined && !isIn(options.items, items)) return false
    return options.bytes === undefined || isIn(options.bytes, bytes)
  }
}

function isIn({ low, high }: Range, value: number): boolean {
  return value >= low && value <= high
}

function expiresIn(expires: 'none' | 'any' | Range, expireAt: number | undefined): boolean {
  if (expires === 'none') return expireAt === undefined
  return expireAt !== undefined && (expires === 'any' || isIn(expires, expireAt))
}
