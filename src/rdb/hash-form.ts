/**
 * The two JSON forms of a hash, and how the first becomes the second.
 *
 *   {"f":"v","g":"w"}                                                     an object, where that loses nothing
 *   [{"field":"f","value":"v"},{"field":"g","value":"w","expireAt":1}]    otherwise
 *
 * Whether a field is not UTF-8 or expires by itself may only turn out at the last field. So all hashes are
 * written in a form that is the first one, and where there was more to say goes beyond it:
 *
 *   {"f":"v",{"b64":"/w=="}:"w"@1795232264000}
 *
 * FieldsForm rewrites that into the second, in blocks of any size: a hash may be larger than memory.
 */
import type { ByteString } from '../bytes/byte-string.ts'
import type { ByteWriter } from '../bytes/byte-writer.ts'

/** Stands between a value and its expiry in the intermediate form. */
export const EXPIRY_MARK = 0x40

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COLON = 0x3a
const COMMA = 0x2c
const OPEN = 0x7b
const CLOSE = 0x7d

const BEFORE_FIELD = '{"field":' as ByteString
const BEFORE_VALUE = ',"value":' as ByteString
const BEFORE_EXPIRY = ',"expireAt":' as ByteString

export class FieldsForm {
  readonly #out: ByteWriter
  /** -1 before the hash, 0 between its fields, 1 in an {"b64": …}; -2 behind the hash. */
  #depth = -1
  #isInString = false
  #isEscaped = false
  #isFieldNext = false

  constructor(out: ByteWriter) {
    this.#out = out
  }

  /** Rewrites a block that begins where the last one ended. What follows the hash is copied. */
  push(block: Buffer): void {
    const out = this.#out
    for (let i = 0; i < block.length; i++) {
      const byte = block[i]!
      if (this.#isInString) {
        out.u8(byte)
        if (this.#isEscaped) this.#isEscaped = false
        else if (byte === BACKSLASH) this.#isEscaped = true
        else if (byte === QUOTE) this.#isInString = false
      } else if (this.#depth === -2) out.u8(byte)
      else this.#structure(byte)
    }
  }

  #structure(byte: number): void {
    const out = this.#out
    if (this.#depth === -1) {
      out.put('[' as ByteString)
      this.#depth = 0
      this.#isFieldNext = true
      return
    }
    if (this.#isFieldNext && byte !== CLOSE) {
      out.put(BEFORE_FIELD)
      this.#isFieldNext = false
    }
    if (byte === QUOTE) this.#isInString = true
    if (byte === OPEN) this.#depth++
    if (this.#depth > 0) {
      out.u8(byte)
      if (byte === CLOSE) this.#depth--
    } else if (byte === COLON) out.put(BEFORE_VALUE)
    else if (byte === EXPIRY_MARK) out.put(BEFORE_EXPIRY)
    else if (byte === COMMA) {
      out.put('},' as ByteString)
      this.#isFieldNext = true
    } else if (byte === CLOSE) {
      out.put((this.#isFieldNext ? ']' : '}]') as ByteString)
      this.#depth = -2
    } else out.u8(byte)
  }
}
