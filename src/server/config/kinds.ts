/**
 * Kinds of configuration parameters: how a value is written in redis.conf and CONFIG SET, and what is
 * refused in which words.
 *
 * A kind reads the words of a line and prints the value as CONFIG GET shows it. Values are numbers (sizes
 * in bytes), booleans or text.
 *
 * Source: redis 7.0 `src/config.c`; `src/util.c`, memtoull.
 */
import { quoted } from '../../bytes/byte-string.ts'
import { smallInteger, strictInteger } from '../arguments.ts'

export type ParameterValue = number | boolean | string

/** Refuses a value, in Redis's words. */
export class BadValue {
  readonly why: string
  constructor(why: string) {
    this.why = why
  }
}

export type Kind<T extends ParameterValue> = {
  /** @param before the value as it is now, for what changes a part of it @throws BadValue */
  read(text: string, before: T): T
  print(value: T): string
  /** As CONFIG REWRITE puts it into redis.conf, where that differs. */
  readonly written?: (value: T) => string
}

export const bool: Kind<boolean> = {
  read: (text) => {
    const word = text.toLowerCase()
    if (word !== 'yes' && word !== 'no') throw new BadValue("argument must be 'yes' or 'no'")
    return word === 'yes'
  },
  print: (value) => (value ? 'yes' : 'no'),
}

export const text: Kind<string> = { read: (value) => value, print: (value) => value, written: quoted }

export function integer(low: number, high: number): Kind<number> {
  return {
    read: (word) => {
      const value = smallInteger(word) ?? wide(word)
      if (value === undefined) throw new BadValue("argument couldn't be parsed into an integer")
      return within(value, low, high)
    },
    print: String,
  }
}

/** Accepts what `kind` does, and takes the nearest of low … high. */
export function capped(kind: Kind<number>, low: number, high: number): Kind<number> {
  return { ...kind, read: (word, before) => Math.min(high, Math.max(low, kind.read(word, before))) }
}

/** A file mode. */
export const octal: Kind<number> = {
  read: (word) => {
    if (!/^[0-7]{1,4}$/.test(word)) throw new BadValue("argument couldn't be parsed as an octal number")
    return Number.parseInt(word, 8)
  },
  print: (value) => value.toString(8),
}

const UINT64_MAX = 2n ** 64n - 1n
const UNITS: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['b', 1],
  ['k', 1000],
  ['kb', 1024],
  ['m', 1000 ** 2],
  ['mb', 1024 ** 2],
  ['g', 1000 ** 3],
  ['gb', 1024 ** 3],
])
/** In which sizes are written, the largest first. */
const WRITTEN_UNITS = ['gb', 'mb', 'kb'] as const

/** Bytes in a size as redis.conf writes it (`100mb`; no digits are 0), or undefined. */
export function memoryBytes(word: string): number | undefined {
  const bytes = exactBytes(word)
  return bytes === undefined ? undefined : Number(bytes)
}

function exactBytes(word: string): bigint | undefined {
  const [, digits = '', unit] = /^(\d{0,127})([a-z]*)$/i.exec(word) ?? []
  const factor = unit === undefined ? undefined : UNITS.get(unit.toLowerCase())
  if (factor === undefined) return undefined
  // What 64 bits cannot hold is the largest that they can; the unit may then overflow, as in C.
  const count = BigInt(digits === '' ? 0 : digits)
  return BigInt.asUintN(64, (count < UINT64_MAX ? count : UINT64_MAX) * BigInt(factor))
}

export function memory(low: number, high: number): Kind<number> {
  return {
    read: (word) => {
      const value = exactBytes(word)
      if (value === undefined) throw new BadValue('argument must be a memory value')
      // As numbers, 2^63 and the largest 64-bit integer are one.
      const isNegative = high === INT64_MAX && value >= 2n ** 63n
      return within(isNegative ? -1 : Number(value), low, high)
    },
    print: (value) => (value >= 2 ** 64 ? String(UINT64_MAX) : String(BigInt(value))),
    written: writtenMemory,
  }
}

/** The largest unit that leaves no rest: `100mb`. */
export function writtenMemory(bytes: number): string {
  for (const unit of WRITTEN_UNITS) {
    const size = UNITS.get(unit)!
    if (bytes >= size && bytes % size === 0) return `${bytes / size}${unit}`
  }
  return String(bytes)
}

/** Bytes, or a share of maxmemory in percent, which is kept as a negative number. */
export const memoryOrPercent: Kind<number> = {
  read: (word) => {
    const [, percent] = /^(\d{1,9})%$/.exec(word) ?? []
    const value = percent === undefined ? memoryBytes(word) : -Number(percent)
    if (value === undefined) throw new BadValue('argument must be a memory or percent value')
    if (value < -100) throw new BadValue('percentage argument must be less or equal to 100')
    return value
  },
  print: (value) => (value < 0 ? `${-value}%` : String(value)),
  written: (value) => (value < 0 ? `${-value}%` : writtenMemory(value)),
}

export function choice(...words: readonly string[]): Kind<string> {
  return {
    read: (value) => {
      const word = value.toLowerCase()
      if (words.includes(word)) return word
      throw new BadValue(`argument(s) must be one of the following: ${words.join(', ')}`)
    },
    print: (value) => value,
  }
}

export function within(value: number, low: number, high: number): number {
  if (value >= low && value <= high) return value
  throw new BadValue(`argument must be between ${low} and ${shown(high)} inclusive`)
}

/** The largest 64-bit integer is not exact as a number; it is only ever printed. */
function shown(high: number): string {
  return high === INT64_MAX ? '9223372036854775807' : String(high)
}

export const INT_MAX = 2 ** 31 - 1
export const INT64_MAX = 2 ** 63

function wide(word: string): number | undefined {
  const value = strictInteger(word)
  return value === undefined ? undefined : Number(value)
}
