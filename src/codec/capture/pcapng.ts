/**
 * pcapng files, the outer grammar: a sequence of blocks, each with its length before and after it.
 *
 *   type(4)  length(4)  body, padded to 4 bytes  length(4)
 *   0a0d0d0a length     1a2b3c4d …                            a section header: fixes the byte order, its own too
 *
 * What a block says is pcapng-section.ts's business; here is how far it goes. A block that means nothing
 * to us is skipped by its length, however long, without holding it. A length that cannot be ends the
 * reading, because nothing else tells where the next block begins.
 *
 * Source: draft-ietf-opsawg-pcapng, "General File Structure".
 */
import type { ByteSource } from '../../bytes/byte-source.ts'
import { type Decoder, Malformed, type Program, Resumable } from '../../bytes/resumable.ts'
import { BIG_ENDIAN, type ByteOrder, LITTLE_ENDIAN } from './byte-order.ts'
import type { EmitCapture } from './capture-event.ts'
import { BLOCK, isRead, PcapngSection } from './pcapng-section.ts'

const BYTE_ORDER_MAGIC = 0x1a2b3c4d
const HEAD = 8
const TRAILER = 4
const BLOCK_MIN = HEAD + TRAILER

/** The longest block we look into: three times a packet with a comment. Longer lists of names are skipped. */
const HELD_MAX = 1024 * 1024

/** A decoder of one pcapng file (or several, one after the other). Faults and a cut tail arrive as events. */
export function decodePcapng(emit: EmitCapture): Decoder {
  const reader = new BlockReader(emit)
  return new Resumable(
    (source) => reader.read(source),
    ({ code, detail, position }) => {
      if (code !== 'INPUT_TRUNCATED') emit({ kind: 'fault', code, detail, position })
      else emit({ kind: 'truncated', detail: 'the file ends inside a block', position: reader.begun })
    },
  )
}

class BlockReader {
  /** Where the block being read begins. */
  begun = 0
  readonly #section: PcapngSection
  #order: ByteOrder = LITTLE_ENDIAN

  constructor(emit: EmitCapture) {
    this.#section = new PcapngSection(emit)
  }

  *read(src: ByteSource): Program {
    for (;;) {
      this.begun = src.position
      while (src.available < BLOCK_MIN) {
        if (src.ended && src.available === 0) return
        src.wants(BLOCK_MIN)
        yield
      }
      const type = this.#type(src)
      const length = this.#length(src, type)
      if (isRead(type) && length <= HELD_MAX) {
        while (src.available < length) {
          src.wants(length)
          yield
        }
        const end = src.index + length - TRAILER
        this.#checkTrailer(src, end, length)
        this.#section.block(
          type,
          { bytes: src.bytes, start: src.index + HEAD, end, order: this.#order },
          this.begun,
        )
        src.index = end + TRAILER
      } else {
        src.index += HEAD
        for (let left = length - BLOCK_MIN; left > 0; ) {
          let part: Buffer | undefined
          while ((part = src.skim(left)) === undefined) yield
          left -= part.length
        }
        while (src.available < TRAILER) {
          src.wants(TRAILER)
          yield
        }
        this.#checkTrailer(src, src.index, length)
        src.index += TRAILER
      }
    }
  }

  /** The type of the block in the window; a section header sets the byte order. */
  #type(src: ByteSource): number {
    // The type of a section header reads the same in both byte orders.
    const type = this.#order.u32(src.bytes, src.index)
    if (type === BLOCK.SECTION) {
      const order = [LITTLE_ENDIAN, BIG_ENDIAN].find(
        (o) => o.u32(src.bytes, src.index + HEAD) === BYTE_ORDER_MAGIC,
      )
      if (order === undefined) {
        throw new Malformed(
          'PCAPNG_BAD_MAGIC',
          'a section header without byte-order magic',
          this.begun + HEAD,
        )
      }
      this.#order = order
    } else if (this.begun === 0) {
      throw new Malformed('PCAPNG_NO_SECTION', 'the file does not begin with a section header', 0)
    }
    return type
  }

  #length(src: ByteSource, type: number): number {
    const length = this.#order.u32(src.bytes, src.index + 4)
    if (length < BLOCK_MIN || length % 4 !== 0) {
      throw new Malformed('PCAPNG_BAD_LENGTH', `a block of type ${type} with length ${length}`, this.begun)
    }
    if (length > HELD_MAX && isRead(type) && type !== BLOCK.NAMES) {
      const detail = `a block of type ${type} with length ${length}, more than any capture tool writes`
      throw new Malformed('PCAPNG_BLOCK_TOO_LONG', detail, this.begun)
    }
    return length
  }

  #checkTrailer(src: ByteSource, index: number, length: number): void {
    const again = this.#order.u32(src.bytes, index)
    if (again === length) return
    throw new Malformed(
      'PCAPNG_LENGTHS_DIFFER',
      `a block begins with length ${length}, ends with ${again}`,
      this.begun,
    )
  }
}
