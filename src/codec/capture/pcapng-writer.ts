/**
 * Writes pcapng files: one section, one interface of raw IP packets, microseconds, then packets with
 * comments.
 *
 *   section header │ interface (link type 101) │ enhanced packet │ enhanced packet │ …
 *
 * Raw IP, because an Ethernet header would hold nothing but invented addresses. Every block is complete when
 * it is handed over, so the file is readable at any moment, also after a crash.
 *
 * Source: draft-ietf-opsawg-pcapng. In little-endian order: the order is free, and this is everybody's.
 */
import { type Micros, PACKET_MAX } from './capture-event.ts'
import { LINK_TYPE } from './link-layer.ts'
import { OPTION } from './pcapng-options.ts'
import { BLOCK } from './pcapng-section.ts'

const HEAD = 8
const TRAILER = 4
const PACKET_FIELDS = 20
/** Longer comments are cut: the length of an option has 16 bits, and a comment is one line for a person. */
const COMMENT_MAX = 8192
const SECTION_LENGTH_UNKNOWN = Buffer.alloc(8, 0xff)

export class PcapngWriter {
  readonly #write: (block: Buffer) => void

  /**
   * Writes section header and interface at once.
   * @param write is given one complete block at a time, in memory that is its own from then on.
   * @param application name and version of who writes.
   */
  constructor(write: (block: Buffer) => void, application: string) {
    this.#write = write
    const section = Buffer.alloc(8)
    section.writeUInt32LE(0x1a2b3c4d, 0)
    section.writeUInt16LE(1, 4)
    const options = [option(OPTION.SECTION_APPLICATION, application), END]
    write(block(BLOCK.SECTION, [section, SECTION_LENGTH_UNKNOWN, ...options]))
    const fields = Buffer.alloc(8)
    fields.writeUInt16LE(LINK_TYPE.RAW, 0)
    fields.writeUInt32LE(PACKET_MAX, 4)
    const microseconds = option(OPTION.INTERFACE_TIME_RESOLUTION, Buffer.of(6))
    write(block(BLOCK.INTERFACE, [fields, option(OPTION.INTERFACE_NAME, 'syncscope'), microseconds, END]))
  }

  /**
   * Writes one packet.
   * @param size of the packet, which `fill` writes into the block from `index` on.
   * @param comments UTF-8 lines; cut where they are very long.
   */
  packet(
    size: number,
    at: Micros,
    comments: readonly string[],
    fill: (target: Buffer, index: number) => void,
  ): void {
    const options = comments.map((comment) => option(OPTION.COMMENT, comment))
    if (options.length > 0) options.push(END)
    const padded = (size + 3) & ~3
    const optionsLength = options.reduce((sum, { length }) => sum + length, 0)
    const bytes = Buffer.alloc(HEAD + PACKET_FIELDS + padded + optionsLength + TRAILER)
    bytes.writeUInt32LE(BLOCK.ENHANCED_PACKET, 0)
    bytes.writeUInt32LE(bytes.length, 4)
    const time = Math.max(0, Math.floor(at))
    bytes.writeUInt32LE(Math.floor(time / 4294967296) >>> 0, 12)
    bytes.writeUInt32LE((time % 4294967296) >>> 0, 16)
    bytes.writeUInt32LE(size, 20)
    bytes.writeUInt32LE(size, 24)
    fill(bytes, HEAD + PACKET_FIELDS)
    let index = HEAD + PACKET_FIELDS + padded
    for (const part of options) index += part.copy(bytes, index)
    bytes.writeUInt32LE(bytes.length, index)
    this.#write(bytes)
  }
}

const END = Buffer.alloc(4)

function option(code: number, value: string | Buffer): Buffer {
  const bytes = typeof value === 'string' ? cutText(Buffer.from(value, 'utf8')) : value
  const whole = Buffer.alloc(4 + ((bytes.length + 3) & ~3))
  whole.writeUInt16LE(code, 0)
  whole.writeUInt16LE(bytes.length, 2)
  bytes.copy(whole, 4)
  return whole
}

/** At most COMMENT_MAX bytes, cut between characters. */
function cutText(text: Buffer): Buffer {
  let end = Math.min(text.length, COMMENT_MAX)
  while (end < text.length && (text[end]! & 0xc0) === 0x80) end--
  return text.subarray(0, end)
}

function block(type: number, parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  const whole = Buffer.alloc(HEAD + body.length + TRAILER)
  whole.writeUInt32LE(type, 0)
  whole.writeUInt32LE(whole.length, 4)
  body.copy(whole, HEAD)
  whole.writeUInt32LE(whole.length, HEAD + body.length)
  return whole
}
