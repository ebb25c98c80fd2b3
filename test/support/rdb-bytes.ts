/**
 * Snapshots put together by hand, for what no server at hand writes.
 *
 * Only the outermost layout: magic, whatever records, the end, and a checksum that is right.
 */
import { crc64 } from '../../src/bytes/crc64.ts'

export type Part = Buffer | string | readonly number[]

/** Text is latin1; numbers are bytes. */
export function bytes(...parts: Part[]): Buffer {
  return Buffer.concat(
    parts.map((part) =>
      typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part as Buffer),
    ),
  )
}

/** A string in the plain form, with the shortest length. */
export function plain(text: string | Buffer): Buffer {
  const body = typeof text === 'string' ? Buffer.from(text, 'latin1') : text
  return bytes(lengthOf(body.length), body)
}

/** A length in its shortest form. */
export function lengthOf(value: number): Buffer {
  if (value < 64) return Buffer.from([value])
  if (value < 16384) return Buffer.from([0x40 | (value >> 8), value & 255])
  const wide = Buffer.alloc(value < 2 ** 32 ? 5 : 9)
  wide[0] = value < 2 ** 32 ? 0x80 : 0x81
  if (value < 2 ** 32) wide.writeUInt32BE(value, 1)
  else wide.writeBigUInt64BE(BigInt(value), 1)
  return wide
}

/** A snapshot of these records, with its checksum. */
export function snapshotOf(magic: string, ...records: Part[]): Buffer {
  const body = bytes(magic, ...records, [0xff])
  return bytes(body, Buffer.from(crc64(body), 'hex').reverse())
}

/** A listpack in the roomiest forms that are legal: 64-bit integers, strings with 32-bit lengths. */
export function listpack(elements: readonly (string | number)[]): Buffer {
  const entries = elements.map((element) => {
    const head = Buffer.alloc(typeof element === 'number' ? 9 : 5)
    head[0] = typeof element === 'number' ? 0xf4 : 0xf0
    if (typeof element === 'number') head.writeBigInt64LE(BigInt(element), 1)
    else head.writeUInt32LE(element.length, 1)
    const entry = bytes(head, typeof element === 'number' ? '' : element)
    return bytes(entry, backlen(entry.length))
  })
  const header = Buffer.alloc(6)
  const body = bytes(...entries, [0xff])
  header.writeUInt32LE(6 + body.length, 0)
  header.writeUInt16LE(Math.min(elements.length, 65535), 4)
  return bytes(header, body)
}

/** The size of a listpack element, as it stands behind it. */
export function backlen(size: number): Buffer {
  const groups = [size & 127]
  for (let left = size >> 7; left > 0; left >>= 7) groups.unshift(left & 127)
  return Buffer.from(groups.map((group, i) => (i === 0 ? group : group | 128)))
}
