/**
 * Sorted sets that lose members: ZREM and ZREMRANGEBYRANK, -SCORE, -LEX. With its last member the key goes.
 *
 * Source: redis 7.0 `src/t_zset.c`, zremCommand and zremrangeGenericCommand.
 */
import type { ByteString } from '../../../bytes/byte-string.ts'
import type { Call } from '../../call.ts'
import { defineCommands, ONE_KEY } from '../../command-spec.ts'
import type { SortedSetValue } from '../../dataset/sorted-set-value.ts'
import type { Reply } from '../../replies.ts'
import { lexRange, type Range, rankRange, scoreRange } from './ranges.ts'

function zrem(call: Call): Reply {
  const [, key, ...members] = call.argv as [ByteString, ByteString, ...ByteString[]]
  const value = call.findForWrite(key, 'zset')
  if (value === undefined) return 0
  let removed = 0
  for (const member of members) if (value.delete(member)) removed++
  afterRemoval(call, key, value, removed, 'zrem')
  return removed
}

function removeRange(call: Call, toRange: (min: ByteString, max: ByteString) => Range): Reply {
  const [name, key, min, max] = call.argv as [ByteString, ByteString, ByteString, ByteString]
  const range = toRange(min, max)
  const value = call.findForWrite(key, 'zset')
  if (value === undefined) return 0
  const { from, to } = range.ascending(value)
  value.deleteRange(from, to)
  afterRemoval(call, key, value, to - from, name.toLowerCase())
  return to - from
}

function afterRemoval(
  call: Call,
  key: ByteString,
  value: SortedSetValue,
  removed: number,
  event: string,
): void {
  if (removed === 0) return
  call.modified(key, removed)
  call.notify('z', event, key)
  removeIfEmpty(call, key, value)
}

/**
 * A sorted set without members does not exist. True if it has gone; its removal is not counted as a
 * change.
 */
export function removeIfEmpty(call: Call, key: ByteString, value: SortedSetValue): boolean {
  if (value.length > 0) return false
  call.db.remove(call.glance(key)!)
  call.notify('g', 'del', key)
  return true
}

const REMOVING = { flags: ['write'], keys: ONE_KEY, effect: 'same', arity: 4 } as const

export const removingCommands = defineCommands({
  zrem: { ...REMOVING, flags: ['write', 'fast'], arity: -3, run: zrem },
  zremrangebyrank: { ...REMOVING, run: (call) => removeRange(call, rankRange) },
  zremrangebyscore: { ...REMOVING, run: (call) => removeRange(call, scoreRange) },
  zremrangebylex: { ...REMOVING, run: (call) => removeRange(call, lexRange) },
})
