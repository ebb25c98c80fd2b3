/**
 * Classic capture files, read by the package pcap-parser behind a push interface.
 *
 *   magic  version 2.4  zone  accuracy  snaplen  link type    24 bytes, once
 *   seconds  fraction  captured length  original length       16 bytes, then the captured bytes; repeated
 *
 * The package frames the records of both byte orders. What it cannot do is done here, around it:
 *   - it wants a stream: `Feed` is one that has no source, so that pushed bytes are parsed before push
 * returns
 *     and whoever pushes decides the pace;
 *   - it copies all that it is given and has not yet parsed: it is fed whole records, and its backlog, empty
 *     then, is taken from it;
 *   - it trusts any length: a packet beyond PACKET_MAX is a fault before a byte of it is waited for;
 *   - it knows microseconds only: a nanosecond magic is rewritten and the fractions are scaled;
 *   - it is silent about a file that ends inside a record: the bytes it was fed and gave back are counted.
 *
 * Source: pcap-savefile(5); draft-ietf-opsawg-pcap (frame check length in the link type word).
 */
import { type PacketHeader, type Parser, parse } from 'pcap-parser'
import type { ByteSource } from '../../bytes/byte-source.ts'
import { type Decoder, Malformed, type Program, Resumable } from '../../bytes/resumable.ts'
import { BIG_ENDIAN, LITTLE_ENDIAN } from './byte-order.ts'
import { type EmitCapture, NO_COMMENTS, PACKET_MAX } from './capture-event.ts'

const FILE_HEADER = 24
const RECORD_HEADER = 16
/** Where in a record header its captured length stands. */
const CAPTURED_LENGTH = 8
const MICROSECONDS = 0xa1b2c3d4
const NANOSECONDS = 0xa1b23c4d

/** The link type word: link type, and a frame check length in 16-bit units where bit 26 says so. */
const LINK_TYPE_MASK = 0xffff
const CHECK_PRESENT = 0x0400_0000

/** A decoder of one classic capture file. Faults and a cut tail arrive as events. */
export function decodePcap(emit: EmitCapture): Decoder {
  return new Resumable(
    (source) => new ClassicFile(emit).read(source),
    ({ code, detail, position }) => emit({ kind: 'fault', code, detail, position }),
  )
}

class ClassicFile {
  readonly #emit: EmitCapture
  readonly #feed = new Feed()
  readonly #parser: Parser
  #linkType = 0
  #checkLength = 0
  #fractionsPerMicrosecond = 1
  /** Where the record being read begins; all before it was given back by the parser. */
  #position = 0
  #order = LITTLE_ENDIAN
  #header: PacketHeader | undefined

  constructor(emit: EmitCapture) {
    this.#emit = emit
    this.#parser = parse(this.#feed)
    this.#parser.on('packetHeader', (header) => {
      this.#header = header
    })
    this.#parser.on('packetData', (data) => this.#finish(data))
    // The only error of the package is an unknown header, and headers are checked before it sees them.
    this.#parser.on('error', (error) => {
      throw error
    })
  }

  *read(src: ByteSource): Program {
    let header: Buffer | undefined
    while ((header = src.take(FILE_HEADER)) === undefined) {
      if (src.ended) {
        this.#tail(src, FILE_HEADER)
        return
      }
      yield
    }
    this.#give(this.#open(header))
    for (;;) {
      const whole = this.#wholeRecords(src)
      if (whole > 0) this.#give(src.take(whole)!)
      const need = this.#lengthOfNext(src)
      if (src.ended) {
        this.#tail(src, need)
        return
      }
      src.wants(need)
      yield
    }
  }

  #give(bytes: Buffer): void {
    this.#feed.data(bytes)
    this.#parser.buffer = null
  }

  /** How many of the bytes that are here are whole records. */
  #wholeRecords({ bytes, index, limit }: ByteSource): number {
    let at = index
    while (limit - at >= RECORD_HEADER) {
      const captured = this.#order.u32(bytes, at + CAPTURED_LENGTH)
      // One too long is told when it comes first.
      if (captured > PACKET_MAX || limit - at < RECORD_HEADER + captured) break
      at += RECORD_HEADER + captured
    }
    return at - index
  }

  /** Length of the record that comes next, as far as it is known. */
  #lengthOfNext({ bytes, index, available, position }: ByteSource): number {
    if (available < RECORD_HEADER) return RECORD_HEADER
    const captured = this.#order.u32(bytes, index + CAPTURED_LENGTH)
    if (captured <= PACKET_MAX) return RECORD_HEADER + captured
    const detail = `a packet of ${captured} bytes, more than any capture tool writes`
    throw new Malformed('PCAP_PACKET_TOO_LONG', detail, position)
  }

  /** Checks the file header and returns a copy with the magic the package knows. */
  #open(given: Buffer): Buffer {
    const order = [LITTLE_ENDIAN, BIG_ENDIAN].find(({ u32 }) => isMagic(u32(given, 0)))
    if (order === undefined) throw new Malformed('PCAP_BAD_MAGIC', 'not a pcap file header', 0)
    const major = order.u16(given, 4)
    const minor = order.u16(given, 6)
    if (major !== 2) throw new Malformed('PCAP_BAD_VERSION', `version ${major}.${minor}, not 2.4`, 4)
    const header = Buffer.from(given)
    if (order.u32(given, 0) === NANOSECONDS) {
      this.#fractionsPerMicrosecond = 1000
      if (order === LITTLE_ENDIAN) header.writeUInt32LE(MICROSECONDS)
      else header.writeUInt32BE(MICROSECONDS)
    }
    const link = order.u32(given, 20)
    this.#linkType = link & LINK_TYPE_MASK
    this.#checkLength = (link & CHECK_PRESENT) === 0 ? 0 : (link >>> 28) * 2
    this.#emit({
      kind: 'interface',
      interfaceIndex: 0,
      linkType: this.#linkType,
      snapLength: order.u32(given, 16),
      name: '',
      description: '',
      position: 0,
    })
    this.#order = order
    this.#position = FILE_HEADER
    return header
  }

  #finish(data: Buffer): void {
    const header = this.#header!
    const position = this.#position
    this.#position += RECORD_HEADER + header.capturedLength
    const fraction = header.timestampMicroseconds / this.#fractionsPerMicrosecond
    const onTheWire = Math.max(header.originalLength, data.length)
    const originalLength = Math.max(0, onTheWire - this.#checkLength)
    this.#emit({
      kind: 'packet',
      at: header.timestampSeconds * 1e6 + fraction,
      linkType: this.#linkType,
      bytes: data.length > originalLength ? data.subarray(0, originalLength) : data,
      originalLength,
      interfaceIndex: 0,
      comments: NO_COMMENTS,
      position,
    })
  }

  #tail(src: ByteSource, need: number): void {
    const held = src.available
    src.skip()
    if (held === 0 && this.#position > 0) return
    const detail = `the file ends after ${held} of ${need} bytes of a record`
    this.#emit({ kind: 'truncated', detail, position: this.#position })
  }
}

/** The stream without a source that the parser listens to. */
class Feed {
  data: (bytes: Buffer) => void = () => {}

  on(event: string, listener: (bytes: Buffer) => void): void {
    if (event === 'data') this.data = listener
  }

  pause(): void {}

  resume(): void {}
}

function isMagic(value: number): boolean {
  return value === MICROSECONDS || value === NANOSECONDS
}
