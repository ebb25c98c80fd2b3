/** Decoders of snapshots whose events and faults come out as one list, for decodeEverySplit and run. */
import { RdbDecoder, type RdbFault, type RdbOptions } from '../../src/codec/rdb/decode.ts'
import type { RdbEvent } from '../../src/codec/rdb/events.ts'
import type { MakeDecoder } from './every-split.ts'

export type Options = Omit<RdbOptions, 'onEvent' | 'onFault'>
export type Seen = RdbEvent | (RdbFault & { kind: 'fault' })

export function decoding(options: Options = { detail: 'elements' }): MakeDecoder<Seen> {
  return (emit) =>
    new RdbDecoder({ ...options, onEvent: emit, onFault: (fault) => emit({ kind: 'fault', ...fault }) })
}

export const isTruncation = (event: Seen) => event.kind === 'fault' && event.code === 'INPUT_TRUNCATED'

export function chunksOf(input: Buffer, size: number): Buffer[] {
  const chunks: Buffer[] = []
  for (let at = 0; at < input.length; at += size) chunks.push(input.subarray(at, at + size))
  return chunks
}
