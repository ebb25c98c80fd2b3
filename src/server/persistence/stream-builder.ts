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
import { type ByteString, readable } from '../../bytes/byte-string.ts'
import type { RdbElement, RdbStreamState, RdbString } from '../../codec/rdb/events.ts'
import type { Consumer, ConsumerGroup } from '../dataset/consumer-group.ts'
import { compareIds, type Id, MIN_ID, parseId } from '../dataset/stream-id.ts'
import { StreamValue } from '../dataset/stream-value.ts'
import type { EncodingLimits } from '../dataset/value.ts'
import { Damaged } from './damage.ts'
import { Unloadable, whole } from './unloadable.ts'

type RdbStreamGroup = Extract<RdbElement, { readonly kind: 'stream-group' }>
type RdbGroupConsumer = Extract<RdbElement, { readonly kind: 'group-consumer' }>
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

  /** @throws Unloadable, Damaged */
  element(element: RdbElement): void {
    switch (element.kind) {
      case 'stream-entry':
        this.#entry(element.id, element.fields, element.more)
        break
      case 'stream-state':
        this.#state(element)
        break
      case 'stream-group':
        this.#groupEnd()
        this.#group = this.#newGroup(element)
        break
      case 'group-pending':
        if (this.#pending.has(element.id)) {
          throw new Damaged('Duplicated global PEL entry loading stream consumer group')
        }
        this.#pending.set(element.id, {
          deliveredAt: element.deliveredAt,
          count: Number(element.deliveries),
        })
        break
      case 'group-consumer':
        this.#consumer = this.#newConsumer(element)
        break
      case 'consumer-pending':
        this.#deliver(element.id)
        break
      default:
        throw new Unloadable(`a ${element.kind}`)
    }
  }

  /** @throws Damaged */
  end(): StreamValue {
    this.#groupEnd()
    return this.#stream
  }

  #entry(text: string, fields: readonly RdbString[], more: boolean): void {
    this.#fields.push(...fields.map(whole))
    if (more) return
    const id = idOf(text)
    if (compareIds(id, this.#stream.lastId) <= 0) throw new Damaged('Stream entries out of order')
    this.#stream.append(id, this.#fields, this.#limits)
    this.#fields = []
  }

  #state({ lastId, firstId, maxDeletedId, entriesAdded }: RdbStreamState): void {
    const stream = this.#stream
    const last = idOf(lastId)
    if (compareIds(last, stream.lastId) < 0) throw new Damaged('Stream last id before its last entry')
    stream.lastId = last
    if (firstId !== undefined) stream.firstId = idOf(firstId)
    if (maxDeletedId !== undefined) stream.maxDeletedId = idOf(maxDeletedId)
    if (entriesAdded !== undefined) stream.added = BigInt.asIntN(64, BigInt(entriesAdded))
  }

  #newGroup({ name, lastId, entriesRead }: RdbStreamGroup): ConsumerGroup {
    const stream = this.#stream
    const text = whole(name)
    if (stream.group(text) !== undefined) {
      throw new Damaged(`Duplicated consumer group name ${readable(text)}`)
    }
    return stream.addGroup(text, idOf(lastId), this.#read(lastId, entriesRead))
  }

  #newConsumer({ name, seenAt }: RdbGroupConsumer): Consumer {
    const group = this.#group!
    if (group.consumers.has(whole(name))) throw new Damaged('Duplicate stream consumer detected')
    return group.addConsumer(whole(name), seenAt)
  }

  /** All that is pending has found its consumer. */
  #groupEnd(): void {
    if (this.#pending.size > 0) throw new Damaged('stream PEL without a consumer')
  }

  #read(lastId: string, entriesRead: number | bigint | undefined): bigint | undefined {
    if (entriesRead === undefined) return this.#stream.countUpTo(idOf(lastId))
    return BigInt(entriesRead) === -1n ? undefined : BigInt.asIntN(64, BigInt(entriesRead))
  }

  #deliver(text: string): void {
    const pending = this.#pending.get(text)
    if (pending === undefined) throw new Damaged('Consumer entry not found in group global PEL')
    this.#pending.delete(text)
    this.#group!.addPending(idOf(text), this.#consumer!, pending.deliveredAt, pending.count)
  }
}

function idOf(text: string): Id {
  return parseId(text, 0) ?? MIN_ID
}
