/**
 * ValueBuilder: what an RDB tells of a key, element by element, becomes a value of the dataset.
 *
 * The value chooses its encoding by the limits of today, as Redis does when it loads: not by the one in
 * the file. The last id, the counters
 * and the groups of a stream are told behind its entries; StreamBuilder knows that order.
 */
import type { ByteString } from '../../bytes/byte-string.ts'
import type { RdbElement, RdbKey, RdbString } from '../../codec/rdb/events.ts'
import { HashValue } from '../dataset/hash-value.ts'
import { ListValue } from '../dataset/list-value.ts'
import { SetValue } from '../dataset/set-value.ts'
import { SortedSetValue } from '../dataset/sorted-set-value.ts'
import { StringValue } from '../dataset/string-value.ts'
import type { EncodingLimits, Value } from '../dataset/value.ts'
import { StreamBuilder } from './stream-builder.ts'

/** The value cannot be held here: a type or an attribute that this version of Redis does not know. */
export class Unloadable extends Error {}

export class ValueBuilder {
  readonly #limits: EncodingLimits
  #value: Value | undefined
  #stream: StreamBuilder | undefined

  constructor(limits: EncodingLimits) {
    this.#limits = limits
  }

  /** A key begins. @throws Unloadable */
  begin(key: RdbKey): void {
    this.#stream = undefined
    this.#value = this.#empty(key.type)
  }

  /** @throws Unloadable */
  element(element: RdbElement): void {
    const value = this.#value
    switch (element.kind) {
      case 'string':
        this.#value = new StringValue(whole(element.value))
        break
      case 'list-item':
        ;(value as ListValue).pushLast(whole(element.value))
        break
      case 'set-member':
        ;(value as SetValue).add(whole(element.member), this.#limits)
        break
      case 'zset-member':
        ;(value as SortedSetValue).set(whole(element.member), element.score, this.#limits)
        break
      case 'hash-field':
        if (element.expireAt !== undefined) throw new Unloadable('fields that expire')
        ;(value as HashValue).set(whole(element.field), whole(element.value), this.#limits)
        break
      default:
        if (this.#stream === undefined) throw new Unloadable(`a ${element.kind}`)
        this.#stream.element(element)
    }
  }

  /** The value, complete; undefined for an empty collection, which no dataset holds. */
  end(): Value | undefined {
    if (this.#stream !== undefined) return this.#stream.end()
    const value = this.#value
    if (value === undefined || value.type === 'string') return value
    const size = 'size' in value ? value.size : 'length' in value ? value.length : 1
    return size === 0 ? undefined : value
  }

  #empty(type: RdbKey['type']): Value | undefined {
    switch (type) {
      case 'string':
        return undefined
      case 'list':
        return new ListValue()
      case 'set':
        return new SetValue()
      case 'zset':
        return new SortedSetValue()
      case 'hash':
        return new HashValue()
      case 'stream':
        this.#stream = new StreamBuilder(this.#limits)
        return undefined
      default:
        throw new Unloadable(`a value of type ${type}`)
    }
  }
}

/** The decoder was told to keep everything; longer strings do not fit into a value. */
export function whole(value: RdbString): ByteString {
  if (typeof value === 'string') return value
  throw new Unloadable(`a string of ${value.bytes} bytes`)
}
