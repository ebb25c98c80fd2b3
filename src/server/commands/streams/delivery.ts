/**
 * Entries handed to the consumers of a group: new ones, which become pending, or once more what is pending.
 *
 * Source: redis 7.0 `src/t_stream.c`, streamReplyWithRange and streamReplyWithRangeFromConsumerPEL.
 */
import type { ByteString } from '../../../bytes/byte-string.ts'
import type { Call } from '../../call.ts'
import { type Consumer, type ConsumerGroup, rankOfId } from '../../dataset/consumer-group.ts'
import { compareIds, type Id, idText } from '../../dataset/stream-id.ts'
import type { StreamValue } from '../../dataset/stream-value.ts'
import { NULL_ARRAY, type Reply } from '../../replies.ts'
import { propagateClaim, propagateConsumer, propagatePosition } from './effects.ts'
import { newConsumer } from './groups.ts'
import { entryReply } from './ranging.ts'

export type Delivery = {
  readonly call: Call
  readonly key: ByteString
  readonly value: StreamValue
  readonly group: ConsumerGroup
  readonly noAck: boolean
  /** At most so many; undefined: all. */
  readonly count: number | undefined
}

/** Hands out entries from `from` on; they are pending then, unless nobody wants to acknowledge. */
export function deliver(delivery: Delivery, consumerName: ByteString, from: Id): Reply {
  const { call, key, value, group, noAck, count } = delivery
  const consumer = consumerOf(delivery, consumerName)
  const reply: Reply[] = []
  let hasMoved = false
  for (const entry of value.ascending(from)) {
    const { id } = entry
    if (compareIds(id, group.lastId) > 0) {
      advance(value, group, id)
      hasMoved = true
    }
    reply.push(entryReply(entry))
    if (!noAck) {
      const pending = makePending(group, id, consumer, call.now)
      propagateClaim(call, key, group, pending, idText(id))
    }
    if (reply.length === count) break
  }
  if (noAck && hasMoved) propagatePosition(call, key, group)
  return reply
}

/**
 * Hands out again what is pending for the consumer, from `from` on; of deleted entries only the id is left.
 */
export function history(delivery: Delivery, consumerName: ByteString, from: Id): Reply {
  const { call, value, count } = delivery
  const { pending: tree } = consumerOf(delivery, consumerName)
  const reply: Reply[] = []
  for (const pending of tree.ascending(rankOfId(tree, from))) {
    const entry = value.find(pending.id)
    if (entry === undefined) reply.push([idText(pending.id), NULL_ARRAY])
    else {
      reply.push(entryReply(entry))
      pending.deliveredAt = call.now
      pending.count++
    }
    if (reply.length === count) break
  }
  return reply
}

function consumerOf({ call, key, group, noAck }: Delivery, name: ByteString): Consumer {
  const found = group.consumers.get(name)
  if (found !== undefined) {
    found.seenAt = call.now
    return found
  }
  const consumer = newConsumer(call, key, group, name)
  if (noAck) propagateConsumer(call, key, group, name)
  return consumer
}

/** The group has got `id`: its counter goes on, or is found anew where deletions confused it. */
function advance(value: StreamValue, group: ConsumerGroup, id: Id): void {
  if (group.entriesRead !== undefined && !value.hasGapFrom(id)) group.entriesRead++
  else if (value.added > 0n) group.entriesRead = value.countUpTo(id)
  group.lastId = id
}

/** After XGROUP SETID an entry may be delivered that somebody has already; it changes hands then. */
function makePending(group: ConsumerGroup, id: Id, consumer: Consumer, now: number) {
  const pending = group.pendingOf(id)
  if (pending === undefined) return group.addPending(id, consumer, now, 1)
  group.movePending(pending, consumer)
  pending.deliveredAt = now
  pending.count = 1
  return pending
}
