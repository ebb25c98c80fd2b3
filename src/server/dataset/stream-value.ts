/** StreamValue: the value of a key of type stream. */
import type { RdbStream } from '../../codec/rdb/encode-model.ts'
import type { ValueFacts } from './value.ts'

export class StreamValue implements ValueFacts {
  readonly type = 'stream'
  readonly sizeBytes = 0

  rdb(): RdbStream {
    return {
      type: 'stream',
      entries: [],
      lastId: ZERO,
      firstId: ZERO,
      maxDeletedId: ZERO,
      entriesAdded: 0,
      groups: [],
    }
  }

  copy(): StreamValue {
    return new StreamValue()
  }

  encoding(): string {
    return 'stream'
  }
}

const ZERO = { ms: 0n, seq: 0n }
