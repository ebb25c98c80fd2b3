/**
 * StreamBuilder: a stream out of the elements that an RDB tells of it.
 *
 *   entry … state  ( group  pending …  ( consumer  pending id … ) … ) …
 *
 * What is pending is told twice: to the group with time and count, to its consumer by id alone. Before
 * version 7.0 nothing was counted; Redis then assumes what a stream without deletions would have.
 *
 * Entries are cut into nodes anew. Deleted ones are not in the file for us, so a stream with many of them
 * may be trimmed a little otherwise by `~` than the one that was saved.
 */
import type { ByteString } from '../../bytes/byte-string.ts'
import type { RdbElement, RdbStreamState, RdbString } from '../../codec/rdb/events.ts'
import type { Consumer, ConsumerGroup } from '../dataset/consumer-group.ts'
import { compareIds, type Id, MIN_ID, parseId } from '../dataset/stream-id.ts'
import { StreamValue } from '../dataset/stream-value.ts'
import type { EncodingLimits } from '../dataset/value.ts'
import { Unloadable, whole } from './unloadable.ts'

type Delivered = { readonly deliveredAt: number; readonly count: number }

export class StreamBuilder {
  readonly #limits: EncodingLimits
  readonly #stream = new StreamValue()
  /** The beginning of an entry that is told in parts. */
  #fields: ByteString[] = []
  #group: ConsumerGroup | undefined
  #consumer: Consumer | undefined
  #pending = new Map<string, Delivered>()

  constructor(limits: EncodingLimits) {
    this.#limits = limits
  }

  /** @throws Unloadable */
  element(element: RdbElement): void {
    switch (element.kind) {
      case 'stream-entry':
        this.#entry(element.id, element.fields, element.more)
        break
      case 'stream-state':
        this.#state(element)
        break
      case 'stream-group': {
        const { name, lastId, entriesRead } = element
        this.#pending = new Map()
        this.#group = this.#stream.addGroup(whole(name), idOf(lastId), this.#read(lastId, entriesRead))
        break
      }
      case 'group-pending':
        this.#pending.set(element.id, {
          deliveredAt: element.deliveredAt,
          count: Number(element.deliveries),
        })
        break
      case 'group-consumer':
        this.#consumer = this.#group!.addConsumer(whole(element.name), element.seenAt)
        break
      case 'consumer-pending':
        this.#deliver(element.id)
        break
      default:
        throw new Unloadable(`a ${element.kind}`)
    }
  }

  end(): StreamValue {
    return this.#stream
  }

  #entry(text: string, fields: readonly RdbString[], more: boolean): void {
    this.#fields.push(...fields.map(whole))
    if (more) return
    const id = idOf(text)
    if (compareIds(id, this.#stream.lastId) <= 0) throw new Unloadable('stream entries out of order')
    this.#stream.append(id, this.#fields, this.#limits)
    this.#fields = []
  }

  #state({ lastId, firstId, maxDeletedId, entriesAdded }: RdbStreamState): void {
    const stream = this.#stream
    stream.lastId = idOf(lastId)
    if (firstId !== undefined) stream.firstId = idOf(firstId)
    if (maxDeletedId !== undefined) stream.maxDeletedId = idOf(maxDeletedId)
    if (entriesAdded !== undefined) stream.added = BigInt.asIntN(64, BigInt(entriesAdded))
  }

  #read(lastId: string, entriesRead: number | bigint | undefined): bigint | undefined {
    if (entriesRead === undefined) return this.#stream.countUpTo(idOf(lastId))
    return BigInt(entriesRead) === -1n ? undefined : BigInt.asIntN(64, BigInt(entriesRead))
  }

  #deliver(text: string): void {
    const pending = this.#pending.get(text)
    if (pending === undefined) throw new Unloadable('a consumer with an entry that is not pending')
    this.#pending.delete(text)
    this.#group!.addPending(idOf(text), this.#consumer!, pending.deliveredAt, pending.count)
  }
}

function idOf(text: string): Id {
  return parseId(text, 0) ?? MIN_ID
}
