/**
 * Storing a result that is a sorted set: it takes the place of whatever was there, an empty one removes
 * the key.
 */
import type { ByteString } from '../../../bytes/byte-string.ts'
import type { Call } from '../../call.ts'
import type { SortedSetValue } from '../../dataset/sorted-set-value.ts'
import type { Reply } from '../../replies.ts'

/**
 * Replies how many members were stored.
 * @param changes what it counts as; Redis counts a result of GEOSEARCHSTORE by its members
 */
export function storeRanked(
  call: Call,
  key: ByteString,
  stored: SortedSetValue,
  event: string,
  changes = 1,
): Reply {
  if (stored.length > 0) {
    call.put(key, stored)
    call.modified(key, changes)
    call.notify('z', event, key)
  } else if (call.remove(key)) call.notify('g', 'del', key)
  return stored.length
}
