/** SetValue: the value of a key of type set. */
import type { RdbSet } from '../../codec/rdb/encode-model.ts'
import type { ValueFacts } from './value.ts'

export class SetValue implements ValueFacts {
  readonly type = 'set'
  readonly sizeBytes = 0

  rdb(): RdbSet {
    return { type: 'set', members: [] }
  }

  encoding(): string {
    return 'hashtable'
  }
}
