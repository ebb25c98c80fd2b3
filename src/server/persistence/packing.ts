/** The limits of packing in snapshots and DUMP: those of the dataset itself. */
import type { PackingLimits } from '../../codec/rdb/encode-options.ts'
import type { EncodingLimits } from '../dataset/value.ts'

export function packingLimits(limits: EncodingLimits): Partial<PackingLimits> {
  return {
    hashEntries: limits.hashEntries,
    hashValue: limits.hashValue,
    zsetEntries: limits.zsetEntries,
    zsetValue: limits.zsetValue,
    setIntsetEntries: limits.setIntsetEntries,
    listNodeSize: limits.listSize,
    listPlainSize: limits.listPlainSize,
    streamNodeBytes: limits.streamNodeBytes,
    streamNodeEntries: limits.streamNodeEntries,
  }
}
