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

/**
 * The DUMP payload of a value, in one piece.
 * @returns undefined where the version cannot hold the value at all; `onLoss` has heard of it.
 */
export function encodeDump(value: RdbValue, options: RdbEncodeOptions = {}): Buffer | undefined {
  const out = new RdbOutput(options)
  const steps = writeValue(out, value)
  if (steps !== undefined) while (!steps.next().done);
  const { writer } = out
  if (writer.length === 0) return undefined
  writer.u16le(out.version)
  const crc = new Crc64()
  crc.update(writer.bytes, 0, writer.length)
  writer.put(stored(crc))
  return writer.take()
}
