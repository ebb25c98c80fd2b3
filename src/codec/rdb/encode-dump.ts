/**
 * DUMP payloads: one value without its key, as DUMP answers and RESTORE accepts.
 *
 *   type byte | value as in a file | u16le RDB version | u64le CRC-64 of all before
 *
 * Source: redis `src/cluster.c`, createDumpPayload.
 */
import { Crc64 } from '../../bytes/crc64.ts'
import { stored, writeValue } from './encode.ts'
import type { RdbValue } from './encode-model.ts'
import type { RdbEncodeOptions } from './encode-options.ts'
import { RdbOutput } from './encode-output.ts'

/** Makes one payload after the other in the same buffers. */
export class DumpEncoder {
  readonly #out: RdbOutput

  constructor(options: RdbEncodeOptions = {}) {
    this.#out = new RdbOutput(options)
  }

  /**
   * The payload of a value, in one piece, the caller's own.
   * @returns undefined where the version cannot hold the value at all; `onLoss` has heard of it.
   */
  encode(value: RdbValue): Buffer | undefined {
    const { writer } = this.#out
    writer.clear()
    const steps = writeValue(this.#out, value)
    if (steps !== undefined) while (!steps.next().done);
    if (writer.length === 0) return undefined
    writer.u16le(this.#out.version)
    const crc = new Crc64()
    crc.update(writer.bytes, 0, writer.length)
    writer.put(stored(crc))
    return Buffer.from(writer.view())
  }
}

/** The DUMP payload of a single value; for many, keep a DumpEncoder. */
export function encodeDump(value: RdbValue, options: RdbEncodeOptions = {}): Buffer | undefined {
  return new DumpEncoder(options).encode(value)
}
