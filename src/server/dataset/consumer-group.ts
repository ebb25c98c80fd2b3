/**
 * ConsumerGroup: how far a group of consumers has read a stream, and what was delivered but not acknowledged.
 *
 *   group ── pending   everything delivered, by id ──┐ the same objects
 *     └── consumers ── pending   what this one got ──┘
 *
 * `entriesRead` counts the entries up to the last delivered one since the stream began; undefined where
 * deletions have made it unknowable.
 */
import type { ByteString } from '../../bytes/byte-string.ts'
import { OrderedTree } from './ordered-tree.ts'
import { compareIds, type Id } from './stream-id.ts'

export type Pending = {
  readonly id: Id
  consumer: Consumer
  /** Unix milliseconds, of the last delivery; and how many there were. */
  deliveredAt: number
  count: number
}

export type PendingTree = OrderedTree<Pending>

export class Consumer {
  readonly name: ByteString
  /** Unix milliseconds. */
  seenAt: number
  readonly pending: PendingTree = newTree()

  constructor(name: ByteString, now: number) {
    this.name = name
    this.seenAt = now
  }
}

export class ConsumerGroup {
  readonly name: ByteString
  lastId: Id
  entriesRead: bigint | undefined
  readonly pending: PendingTree = newTree()
  readonly consumers = new Map<ByteString, Consumer>()

  constructor(name: ByteString, lastId: Id, entriesRead: bigint | undefined) {
    this.name = name
    this.lastId = lastId
    this.entriesRead = entriesRead
  }

  /** Gives another group, which has none yet, the same consumers and what is pending. */
  copyTo(other: ConsumerGroup): void {
    for (const { name, seenAt, pending } of this.consumers.values()) {
      const consumer = other.addConsumer(name, seenAt)
      for (const { id, deliveredAt, count } of pending.ascending()) {
        other.addPending(id, consumer, deliveredAt, count)
      }
    }
  }

  /** Consumers in the order in which Redis shows them: that of their names' bytes. */
  get sortedConsumers(): Consumer[] {
    return [...this.consumers.values()].sort(byName)
  }

  addConsumer(name: ByteString, now: number): Consumer {
    const consumer = new Consumer(name, now)
    this.consumers.set(name, consumer)
    return consumer
  }

  /** The consumer goes, and what is pending for it is forgotten. */
  removeConsumer(consumer: Consumer): void {
    for (const pending of consumer.pending.ascending()) this.pending.delete(pending)
    this.consumers.delete(consumer.name)
  }

  pendingOf(id: Id): Pending | undefined {
    return find(this.pending, id)
  }

  addPending(id: Id, consumer: Consumer, deliveredAt: number, count: number): Pending {
    const pending = { id, consumer, deliveredAt, count }
    this.pending.insert(pending)
    consumer.pending.insert(pending)
    return pending
  }

  /** Another consumer has it now. */
  movePending(pending: Pending, consumer: Consumer): void {
    if (pending.consumer === consumer) return
    pending.consumer.pending.delete(pending)
    consumer.pending.insert(pending)
    pending.consumer = consumer
  }

  removePending(pending: Pending): void {
    this.pending.delete(pending)
    pending.consumer.pending.delete(pending)
  }
}

/** In the order of their names' bytes. */
export function byName(a: { readonly name: ByteString }, b: { readonly name: ByteString }): number {
  return a.name < b.name ? -1 : 1
}

/** The rank of the first that is not before `id`. */
export function rankOfId(tree: PendingTree, id: Id): number {
  return tree.countWhile((pending) => compareIds(pending.id, id) < 0)
}

function find(tree: PendingTree, id: Id): Pending | undefined {
  const found = tree.at(rankOfId(tree, id))
  return found !== undefined && compareIds(found.id, id) === 0 ? found : undefined
}

function newTree(): PendingTree {
  return new OrderedTree<Pending>((a, b) => compareIds(a.id, b.id))
}
