/**
 * A value as it lies in the snapshot, in the command that takes it like that.
 *
 *   RESTORE key 0 ( type byte │ value │ u16 version │ u64 checksum of all before )
 *
 * The payload is what DUMP answers. It leaves in pieces, so its size does not matter.
 */
import type { ByteString } from '../bytes/byte-string.ts'
import { ByteWriter } from '../bytes/byte-writer.ts'
import { Crc64 } from '../bytes/crc64.ts'
import { stored } from '../codec/rdb/encode.ts'
import type { CommandOutput } from './convert-commands.ts'
import { type RecordSpan, readRange, type SnapshotBytes } from './reread.ts'

/** Values of modules have looked like this since version 8; RESTORE refuses versions newer than its own. */
const PAYLOAD_VERSION = 8
const FOOTER_BYTES = 10

export type RestoredRecord = {
  readonly name: ByteString
  readonly rdbType: number
  readonly span: RecordSpan
}

/** Writes the command, partly to `out`, partly as blocks that are borrowed until the next is asked for. */
export function* restoreCommand(
  out: CommandOutput,
  bytes: SnapshotBytes,
  { name, rdbType, span }: RestoredRecord,
): Generator<Buffer, void, void> {
  const crc = new Crc64()
  const type = Buffer.from([rdbType])
  const { endsAt, valueBytes } = span
  out.head(4)
  out.word('RESTORE')
  out.word(name)
  out.word(0)
  out.wordHead(type.length + valueBytes + FOOTER_BYTES)
  yield out.take()
  crc.update(type)
  yield type
  for (const piece of readRange(bytes, endsAt - valueBytes, valueBytes)) {
    crc.update(piece)
    yield piece
  }
  const footer = new ByteWriter()
  footer.u16le(PAYLOAD_VERSION)
  crc.update(footer.view())
  footer.put(stored(crc))
  yield footer.view()
  out.wordEnd()
}
