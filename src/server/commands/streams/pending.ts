/**
 * What is pending in a group: XACK takes it off the list, XPENDING shows the list.
 *
 *   XPENDING key group                                        how many, from where to where, whose
 *   XPENDING key group [IDLE ms] start end count [consumer]   each with owner, idle time, deliveries
 *
 * Source: redis 7.0 `src/t_stream.c`.
 */
import type { ByteString } from '../../../bytes/byte-string.ts'
import { integerArgument, word } from '../../arguments.ts'
import type { Call } from '../../call.ts'
import { defineCommands, ONE_KEY } from '../../command-spec.ts'
import { type ConsumerGroup, type PendingTree, rankOfId } from '../../dataset/consumer-group.ts'
import { compareIds, type Id, idText } from '../../dataset/stream-id.ts'
import { NULL_ARRAY, Refusal, type Reply, SYNTAX, shown } from '../../replies.ts'
import { rangeEnd, rangeStart, strictId } from './ids.ts'

function xack(call: Call): Reply {
  const [, key, name, ...texts] = call.argv as [ByteString, ByteString, ByteString, ...ByteString[]]
  const group = call.findForWrite(key, 'stream')?.group(name)
  if (group === undefined) return 0
  let acknowledged = 0
  for (const id of texts.map(strictId)) {
    const pending = group.pendingOf(id)
    if (pending === undefined) continue
    group.removePending(pending)
    acknowledged++
  }
  call.changes += acknowledged
  return acknowledged
}

type PendingQuery = {
  /** Milliseconds; 0: whatever its idle time. */
  readonly minIdle: number
  readonly start: Id
  readonly end: Id
  readonly count: number
  readonly consumer: ByteString | undefined
}

function xpending(call: Call): Reply {
  const { argv } = call
  if (argv.length !== 3 && (argv.length < 6 || argv.length > 9)) throw new Refusal(SYNTAX)
  const query = argv.length === 3 ? undefined : queryOf(argv)
  const [, key, name] = argv as [ByteString, ByteString, ByteString]
  const group = call.find(key, 'stream')?.group(name)
  if (group === undefined) throw new Refusal(noGroup(key, name))
  if (query === undefined) return summary(group)
  if (query.consumer === undefined) return listed(group.pending, query, call.now)
  const consumer = group.consumers.get(query.consumer)
  return consumer === undefined ? [] : listed(consumer.pending, query, call.now)
}

export function noGroup(key: ByteString, group: ByteString): string {
  return `NOGROUP No such key '${shown(key)}' or consumer group '${shown(group)}'`
}

function queryOf(argv: readonly ByteString[]): PendingQuery {
  const hasIdle = word(argv[3]!) === 'IDLE'
  const minIdle = hasIdle ? integerArgument(argv[4]!) : 0
  if (hasIdle && argv.length < 8) throw new Refusal(SYNTAX)
  const [startText, endText, countText, consumer] = argv.slice(hasIdle ? 5 : 3)
  const count = Math.max(0, integerArgument(countText!))
  return { minIdle, start: rangeStart(startText!), end: rangeEnd(endText!), count, consumer }
}

function summary(group: ConsumerGroup): Reply {
  const { pending } = group
  if (pending.length === 0) return [0, null, null, NULL_ARRAY]
  const consumers = group.sortedConsumers
    .filter((consumer) => consumer.pending.length > 0)
    .map(({ name, pending: own }) => [name, String(own.length)])
  return [pending.length, idText(pending.at(0)!.id), idText(pending.at(pending.length - 1)!.id), consumers]
}

function listed(tree: PendingTree, { minIdle, start, end, count }: PendingQuery, now: number): Reply {
  const reply: Reply[] = []
  if (count === 0) return reply
  for (const { id, consumer, deliveredAt, count: deliveries } of tree.ascending(rankOfId(tree, start))) {
    if (compareIds(id, end) > 0) break
    const idle = now - deliveredAt
    if (minIdle !== 0 && idle < minIdle) continue
    reply.push([idText(id), consumer.name, Math.max(0, idle), deliveries])
    if (reply.length === count) break
  }
  return reply
}

export const pendingCommands = defineCommands({
  xack: { arity: -4, flags: ['write', 'fast'], keys: ONE_KEY, effect: 'same', run: xack },
  xpending: { arity: -3, flags: ['readonly'], keys: ONE_KEY, effect: 'none', run: xpending },
})
