/** StreamBuilder: a stream out of the elements that an RDB tells of it. */
import type { RdbElement } from '../../codec/rdb/events.ts'
import { StreamValue } from '../dataset/stream-value.ts'
import type { EncodingLimits } from '../dataset/value.ts'

export class StreamBuilder {
  readonly #limits: EncodingLimits
  readonly #stream = new StreamValue()

  constructor(limits: EncodingLimits) {
    this.#limits = limits
  }

  element(_element: RdbElement): void {
    void this.#limits
  }

  end(): StreamValue {
    return this.#stream
  }
}
