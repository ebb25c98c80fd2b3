/** SortedSetValue: the value of a key of type zset. */
import type { RdbZset } from '../../codec/rdb/encode-model.ts'
import type { ValueFacts } from './value.ts'

export class SortedSetValue implements ValueFacts {
  readonly type = 'zset'
  readonly sizeBytes = 0

  rdb(): RdbZset {
    return { type: 'zset', members: [] }
  }

  encoding(): string {
    return 'listpack'
  }
}
