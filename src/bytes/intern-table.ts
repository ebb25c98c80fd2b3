/**
 * InternTable: the same few short words, again and again, without a new string each time.
 *
 * A busy stream repeats perhaps twenty command names half a million times a second. Making a string of each
 * costs more than framing the command; a look-up by a hash of its bytes costs a tenth. A table gives words
 * in upper case (Redis compares command names without case) or as they stand there; not both.
 *
 * Bounded: a table that is full, or a word that is too long, falls back to a fresh string.
 */
import { type ByteString, byteString } from './byte-string.ts'

const SLOTS = 1024
const WORD_MAX = 32

export class InternTable {
  readonly #words: (string | undefined)[]
  readonly #mask: number

  /** @param slots a power of two: how many words are kept at most */
  constructor(slots = SLOTS) {
    this.#words = new Array(slots).fill(undefined)
    this.#mask = slots - 1
  }

  /** The word `bytes[start..end)` as it stands there. */
  exact(bytes: Buffer, start: number, end: number): ByteString {
    if (end - start > WORD_MAX) return byteString(bytes, start, end)
    let hash = end - start
    for (let i = start; i < end; i++) hash = (Math.imul(hash, 31) + bytes[i]!) | 0
    const slot = (hash ^ (hash >>> 10)) & this.#mask
    const known = this.#words[slot]
    if (known !== undefined && equals(known, bytes, start, end)) return known as ByteString
    const word = byteString(bytes, start, end)
    this.#words[slot] = word
    return word
  }

  /** The word `bytes[start..end)` in upper case (ASCII letters only are folded). */
  upper(bytes: Buffer, start: number, end: number): string {
    if (end - start > WORD_MAX) return upperCase(bytes, start, end)
    let hash = end - start
    for (let i = start; i < end; i++) hash = (Math.imul(hash, 31) + (bytes[i]! & 0xdf)) | 0
    const slot = (hash ^ (hash >>> 10)) & this.#mask
    const known = this.#words[slot]
    if (known !== undefined && matches(known, bytes, start, end)) return known
    const word = upperCase(bytes, start, end)
    this.#words[slot] = word
    return word
  }
}

function equals(word: string, bytes: Buffer, start: number, end: number): boolean {
  if (word.length !== end - start) return false
  for (let i = 0; i < word.length; i++) if (word.charCodeAt(i) !== bytes[start + i]) return false
  return true
}

function matches(word: string, bytes: Buffer, start: number, end: number): boolean {
  if (word.length !== end - start) return false
  for (let i = 0; i < word.length; i++) {
    if (word.charCodeAt(i) !== folded(bytes[start + i]!)) return false
  }
  return true
}

function folded(byte: number): number {
  return byte >= 0x61 && byte <= 0x7a ? byte - 0x20 : byte
}

function upperCase(bytes: Buffer, start: number, end: number): string {
  const word = bytes.toString('latin1', start, end)
  return word.replace(/[a-z]+/g, (letters) => letters.toUpperCase())
}
