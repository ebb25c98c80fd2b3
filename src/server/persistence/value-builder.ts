/**
 * ValueBuilder: what an RDB tells of a key, element by element, becomes a value of the dataset.
 *
 * The value chooses its encoding by the limits of today, as Redis does when it loads, not by the one in the
 * file. Two things are taken over from there: what lies packed stays so, however long its members are, and a
 * skip list keeps its -0. The last id, the counters and the groups of a stream are told behind its entries;
 * StreamBuilder knows that order.
 */
import type { ByteString } from '../../bytes/byte-string.ts'
import type { RdbElement, RdbKey } from '../../codec/rdb/events.ts'
import { HashValue } from '../dataset/hash-value.ts'
import { ListValue } from '../dataset/list-value.ts'
import { SetValue } from '../dataset/set-value.ts'
import { SortedSetValue } from '../dataset/sorted-set-value.ts'
import { StringValue } from '../dataset/string-value.ts'
import type { EncodingLimits, Value } from '../dataset/value.ts'
import { Damaged } from './damage.ts'
import { StreamBuilder } from './stream-builder.ts'
import { Unloadable, whole } from './unloadable.ts'

export class ValueBuilder {
  readonly #limits: EncodingLimits
  /** For the value at hand. */
  #ofValue: EncodingLimits
  #value: Value | undefined
  #stream: StreamBuilder | undefined

  constructor(limits: EncodingLimits) {
    this.#limits = limits
    this.#ofValue = limits
  }

  /** A key begins. @throws Unloadable, Damaged */
  begin(key: RdbKey): void {
    this.#stream = undefined
    this.#ofValue = /^(?:listpack|ziplist)$/.test(key.encoding) ? anyLength(this.#limits) : this.#limits
    this.#value = this.#empty(key.type)
    if (key.encoding === 'skiplist') (this.#value as SortedSetValue).index()
  }

  /** @throws Unloadable, Damaged */
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
        if (!(value as SetValue).add(whole(element.member), this.#limits)) {
          throw new Damaged('Duplicate set members detected')
        }
        break
      case 'zset-member':
        scored(value as SortedSetValue, whole(element.member), element.score, this.#ofValue)
        break
      case 'hash-field':
        if (element.expireAt !== undefined) throw new Unloadable('fields that expire')
        if (!(value as HashValue).set(whole(element.field), whole(element.value), this.#ofValue)) {
          throw new Damaged('Duplicate hash fields detected')
        }
        break
      default:
        if (this.#stream === undefined) throw new Unloadable(`a ${element.kind}`)
        this.#stream.element(element)
    }
  }

  /** The value, complete; undefined for an empty collection, which no dataset holds. @throws Damaged */
  end(): Value | undefined {
    if (this.#stream !== undefined) return this.#stream.end()
    const value = this.#value
    if (value === undefined || value.type === 'string') return value
    if (value.type === 'zset') value.settle(this.#limits)
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

function scored(value: SortedSetValue, member: ByteString, score: number, limits: EncodingLimits): void {
  if (Number.isNaN(score)) throw new Damaged('Zset with NAN score detected')
  const { length } = value
  value.set(member, score, limits)
  if (value.length === length) throw new Damaged('Duplicate zset fields detected')
}

function anyLength(limits: EncodingLimits): EncodingLimits {
  return { ...limits, hashValue: Number.POSITIVE_INFINITY, zsetValue: Number.POSITIVE_INFINITY }
}
