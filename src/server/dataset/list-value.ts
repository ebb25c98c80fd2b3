/** ListValue: the value of a key of type list. */
import type { RdbList } from '../../codec/rdb/encode-model.ts'
import type { ValueFacts } from './value.ts'

export class ListValue implements ValueFacts {
  readonly type = 'list'
  readonly sizeBytes = 0

  rdb(): RdbList {
    return { type: 'list', items: [] }
  }

  encoding(): string {
    return 'quicklist'
  }
}
