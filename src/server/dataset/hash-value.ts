/** HashValue: the value of a key of type hash. */
import type { RdbHash } from '../../codec/rdb/encode-model.ts'
import type { ValueFacts } from './value.ts'

export class HashValue implements ValueFacts {
  readonly type = 'hash'
  readonly sizeBytes = 0

  rdb(): RdbHash {
    return { type: 'hash', fields: [] }
  }

  encoding(): string {
    return 'listpack'
  }
}
