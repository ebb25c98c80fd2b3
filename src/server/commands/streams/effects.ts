/**
 * What happens in consumer groups, in words for replicas: deliveries and claims become XCLAIMs of single
 * entries with everything said (owner, time, count), positions become XGROUP SETID.
 *
 * Source: redis 7.0 `src/t_stream.c`, streamPropagateXCLAIM, streamPropagateGroupID,
 * streamPropagateConsumerCreation.
 */
import type { ByteString } from '../../../bytes/byte-string.ts'
import type { Call } from '../../call.ts'
import type { ConsumerGroup, Pending } from '../../dataset/consumer-group.ts'
import { idText } from '../../dataset/stream-id.ts'

/** @param id as it shall be written */
export function propagateClaim(
  call: Call,
  key: ByteString,
  group: ConsumerGroup,
  pending: Pending,
  id: ByteString,
): void {
  call.propagate([
    ...words('XCLAIM'),
    key,
    group.name,
    pending.consumer.name,
    ...words('0'),
    id,
    ...words('TIME', pending.deliveredAt, 'RETRYCOUNT', pending.count, 'FORCE', 'JUSTID', 'LASTID'),
    idText(group.lastId),
  ])
}

export function propagatePosition(call: Call, key: ByteString, group: ConsumerGroup): void {
  const read = group.entriesRead ?? -1n
  call.propagate([
    ...words('XGROUP', 'SETID'),
    key,
    group.name,
    idText(group.lastId),
    ...words('ENTRIESREAD', read),
  ])
}

export function propagateConsumer(call: Call, key: ByteString, group: ConsumerGroup, name: ByteString): void {
  call.propagate([...words('XGROUP', 'CREATECONSUMER'), key, group.name, name])
}

function words(...texts: readonly (string | number | bigint)[]): ByteString[] {
  return texts.map((text) => String(text) as ByteString)
}
