/**
 * DUMP payloads: one value without its key, as DUMP answers and RESTORE takes; and FUNCTION DUMP.
 *
 *   [key metadata] type value │ u16 version │ u64 checksum of all before          both little-endian
 *   f5 code, f5 code, …       │ the same
 *
 * There is no magic. The version alone tells the family: from 80 on it is Valkey's.
 *
 * Source: redis `src/cluster.c`, createDumpPayload, verifyDumpPayload.
 */
import type { ByteString } from '../../bytes/byte-string.ts'
import { crc64, storedCrc64 } from '../../bytes/crc64.ts'
import { Resumable } from '../../bytes/resumable.ts'
import { explained, type RdbOptions, walkOptions } from './decode.ts'
import type { RdbString } from './events.ts'
import type { RdbFamily } from './format.ts'
import { NO_CHECKSUM, Snapshot } from './snapshot.ts'
import { Walk } from './walk.ts'

const FOOTER_BYTES = 10
const VERSION_BYTES = 2
const FIRST_VALKEY_VERSION = 80

export type DumpFooter = {
  readonly family: RdbFamily
  readonly version: number
  /** 'absent': zero, which Redis 8.6 accepts and others refuse. */
  readonly checksum: 'good' | 'absent' | 'bad'
  /** Length of what the footer is about. */
  readonly bytes: number
}

/** The footer of a payload; undefined if it is too short to have one. */
export function dumpFooter(payload: Buffer): DumpFooter | undefined {
  const bytes = payload.length - FOOTER_BYTES
  if (bytes < 0) return undefined
  const version = payload.readUInt16LE(bytes)
  const stored = storedCrc64(payload, bytes + VERSION_BYTES)
  const computed = crc64(payload, 0, bytes + VERSION_BYTES)
  return {
    family: version >= FIRST_VALKEY_VERSION ? 'valkey' : 'redis',
    version,
    checksum: stored === computed ? 'good' : stored === NO_CHECKSUM ? 'absent' : 'bad',
    bytes,
  }
}

export type DumpOptions = RdbOptions & {
  /** What the key is called in the events; a payload does not say. */
  readonly key?: RdbString
}

/**
 * Tells the value of a DUMP payload (key, elements, key-end), or the functions of a FUNCTION DUMP payload.
 * A wrong checksum does not prevent the attempt: the footer says so, and the caller decides before or after.
 * Returns the footer; undefined, after a fault, for a payload too short to have one.
 */
export function decodeDump(payload: Buffer, options: DumpOptions): DumpFooter | undefined {
  const footer = dumpFooter(payload)
  if (footer === undefined) {
    const what = { reading: 'the footer', db: 0, key: undefined, rdbType: undefined, keys: 0 }
    options.onFault({ code: 'INPUT_TRUNCATED', detail: 'shorter than its footer', position: 0, ...what })
    return undefined
  }
  let snapshot: Snapshot | undefined
  const resumable = new Resumable(
    (src) => {
      snapshot = new Snapshot(new Walk(src, walkOptions(options)), footer.family)
      return snapshot.payload(options.key ?? ('' as ByteString))
    },
    (fault) => options.onFault(explained(fault, snapshot!)),
  )
  resumable.push(payload.subarray(0, footer.bytes))
  resumable.end()
  return footer
}
