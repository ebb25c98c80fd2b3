/**
 * What the blocks of a pcapng file say: sections, their interfaces, packets, names.
 *
 *   section     magic(4) version(2+2) section length(8) options
 *   interface   link type(2) reserved(2) snaplen(4) options
 *   enhanced    interface(4) time high(4) low(4) captured(4) original(4) packet, padded; options
 *   obsolete    interface(2) drops(2) time high(4) low(4) captured(4) original(4) packet, padded; options
 *   simple      original(4) packet                     interface 0, no time: the time of the packet before it
 *   names       { type(2) length(2) address, names ended by zero bytes; padded }… options
 *
 * A packet that contradicts its block is left out and reported as damage. Statistics, decryption secrets
 * and custom blocks are not looked into.
 *
 * Source: draft-ietf-opsawg-pcapng, section 4; the obsolete packet block in its appendix.
 */
import { Malformed } from '../../bytes/resumable.ts'
import { addressText } from './address.ts'
import { BIG_ENDIAN, type ByteOrder, LITTLE_ENDIAN } from './byte-order.ts'
import { type EmitCapture, type Micros, NO_COMMENTS, PACKET_MAX } from './capture-event.ts'
import { commentsOf, OPTION, readOptions, textOf } from './pcapng-options.ts'
import { toMicros, unitsPerSecond } from './timestamp.ts'

export const BLOCK = {
  SECTION: 0x0a0d0d0a,
  INTERFACE: 1,
  OBSOLETE_PACKET: 2,
  SIMPLE_PACKET: 3,
  NAMES: 4,
  ENHANCED_PACKET: 6,
} as const

const READ: ReadonlySet<number> = new Set(Object.values(BLOCK))

/** True for a block that PcapngSection looks into. */
export function isRead(type: number): boolean {
  return READ.has(type)
}

/** bytes[start..end) is the body of a block, without its two lengths. */
export type BlockBody = {
  readonly bytes: Buffer
  readonly start: number
  readonly end: number
  readonly order: ByteOrder
}

type Interface = {
  readonly linkType: number
  readonly snapLength: number
  readonly unitsPerSecond: number
  readonly offset: Micros
  readonly checkLength: number
}

const NAME_FOUR = 1
const NAME_SIX = 2
/** A capture has as many interfaces as its machine; a file that declares more is made to exhaust memory. */
const INTERFACES_MAX = 4096
/** The draft gives the check length in bits, Wireshark reads bytes: a number this large can only be bits. */
const CHECK_LENGTH_IN_BITS = 16

export class PcapngSection {
  readonly #emit: EmitCapture
  #interfaces: Interface[] = []
  #lastAt: Micros = 0

  constructor(emit: EmitCapture) {
    this.#emit = emit
  }

  /** @param position where the block begins. */
  block(type: number, body: BlockBody, position: number): void {
    if (type === BLOCK.ENHANCED_PACKET) this.#enhanced(body, position, false)
    else if (type === BLOCK.OBSOLETE_PACKET) this.#enhanced(body, position, true)
    else if (type === BLOCK.SIMPLE_PACKET) this.#simple(body, position)
    else if (type === BLOCK.INTERFACE) this.#interface(body, position)
    else if (type === BLOCK.NAMES) this.#names(body, position)
    else this.#begin(body, position)
  }

  #begin({ bytes, start, end, order }: BlockBody, position: number): void {
    if (end - start < 16) throw new Malformed('PCAPNG_BAD_LENGTH', 'a section header cut short', position)
    const major = order.u16(bytes, start + 4)
    if (major !== 1) throw new Malformed('PCAPNG_BAD_VERSION', `version ${major}, not 1`, position)
    this.#interfaces = []
    const options = readOptions(bytes, start + 16, end, order)
    this.#emit({
      kind: 'section',
      hardware: textOf(options, OPTION.SECTION_HARDWARE),
      system: textOf(options, OPTION.SECTION_SYSTEM),
      application: textOf(options, OPTION.SECTION_APPLICATION),
      comments: commentsOf(options),
      position,
    })
  }

  #interface({ bytes, start, end, order }: BlockBody, position: number): void {
    if (end - start < 8) throw new Malformed('PCAPNG_BAD_LENGTH', 'an interface block cut short', position)
    if (this.#interfaces.length === INTERFACES_MAX) {
      throw new Malformed('PCAPNG_TOO_MANY_INTERFACES', `more than ${INTERFACES_MAX} in a section`, position)
    }
    const options = readOptions(bytes, start + 8, end, order)
    const bytesOf = (code: number, size: number) =>
      options.find((o) => o.code === code && o.value.length >= size)?.value
    const check = bytesOf(OPTION.INTERFACE_CHECK_LENGTH, 1)?.[0] ?? 0
    const linkType = order.u16(bytes, start)
    const snapLength = order.u32(bytes, start + 4)
    this.#interfaces.push({
      linkType,
      snapLength,
      unitsPerSecond: unitsPerSecond(bytesOf(OPTION.INTERFACE_TIME_RESOLUTION, 1)?.[0] ?? 6),
      offset: signedSeconds(bytesOf(OPTION.INTERFACE_TIME_OFFSET, 8), order) * 1e6,
      checkLength: check >= CHECK_LENGTH_IN_BITS ? check >>> 3 : check,
    })
    this.#emit({
      kind: 'interface',
      interfaceIndex: this.#interfaces.length - 1,
      linkType,
      snapLength,
      name: textOf(options, OPTION.INTERFACE_NAME),
      description: textOf(options, OPTION.INTERFACE_DESCRIPTION),
      position,
    })
  }

  #enhanced(body: BlockBody, position: number, obsolete: boolean): void {
    const { bytes, start, end, order } = body
    if (end - start < 20) {
      this.#damage('PCAPNG_PACKET_CUT_SHORT', 'a packet block without its fields', position)
      return
    }
    const index = obsolete ? order.u16(bytes, start) : order.u32(bytes, start)
    const from = this.#interfaces[index]
    if (from === undefined) {
      this.#damage('PCAPNG_NO_INTERFACE', `a packet of interface ${index}, which was not described`, position)
      return
    }
    const time = toMicros(order.u32(bytes, start + 4), order.u32(bytes, start + 8), from.unitsPerSecond)
    this.#lastAt = time + from.offset
    this.#packet(
      index,
      body,
      start + 20,
      order.u32(bytes, start + 12),
      order.u32(bytes, start + 16),
      position,
    )
  }

  #simple(body: BlockBody, position: number): void {
    const { bytes, start, end, order } = body
    const from = this.#interfaces[0]
    if (end - start < 4 || from === undefined) {
      this.#damage('PCAPNG_NO_INTERFACE', 'a simple packet block without an interface', position)
      return
    }
    // The captured length is not written: it is the original one, up to the snapshot length.
    const original = order.u32(bytes, start)
    const captured = Math.min(original, from.snapLength || original, end - start - 4)
    this.#packet(0, body, start + 4, captured, original, position)
  }

  #packet(
    index: number,
    { bytes, end, order }: BlockBody,
    start: number,
    captured: number,
    original: number,
    position: number,
  ): void {
    if (captured > PACKET_MAX || start + captured > end) {
      this.#damage('PCAPNG_BAD_PACKET_LENGTH', `a packet of ${captured} bytes in a shorter block`, position)
      return
    }
    const { linkType, checkLength } = this.#interfaces[index]!
    const originalLength = Math.max(0, Math.max(original, captured) - checkLength)
    const optionsStart = start + ((captured + 3) & ~3)
    this.#emit({
      kind: 'packet',
      at: this.#lastAt,
      linkType,
      bytes: bytes.subarray(start, start + Math.min(captured, originalLength)),
      originalLength,
      interfaceIndex: index,
      comments:
        optionsStart + 4 <= end ? commentsOf(readOptions(bytes, optionsStart, end, order)) : NO_COMMENTS,
      position,
    })
  }

  #names({ bytes, start, end, order }: BlockBody, position: number): void {
    for (let at = start; at + 4 <= end; ) {
      const type = order.u16(bytes, at)
      const length = order.u16(bytes, at + 2)
      const from = at + 4
      const stop = from + length
      if (type === 0) return
      const size = type === NAME_FOUR ? 4 : type === NAME_SIX ? 16 : undefined
      if (stop > end || (size !== undefined && length < size)) {
        this.#damage('PCAPNG_BAD_NAME', `a name record of type ${type} and ${length} bytes`, position)
        return
      }
      if (size !== undefined) {
        const names = bytes.toString('utf8', from + size, stop).split('\0')
        this.#emit({
          kind: 'name',
          address: addressText(bytes, from, size),
          names: names.filter((name) => name !== ''),
          position,
        })
      }
      at = stop + (-length & 3)
    }
  }

  #damage(code: string, detail: string, position: number): void {
    this.#emit({ kind: 'damage', code, detail, position })
  }
}

function signedSeconds(value: Buffer | undefined, order: ByteOrder): number {
  if (value === undefined) return 0
  const high = order.u32(value, order === LITTLE_ENDIAN ? 4 : 0) | 0
  return high * 4294967296 + order.u32(value, order === BIG_ENDIAN ? 4 : 0)
}
