/**
 * CommandOutput: commands as RESP arrays, one after the other, in blocks.
 *
 *   command('SADD', key, …members)         *N $4 SADD $… …
 *   batch: collects arguments of one command until there are enough of them
 */
import type { ByteString } from '../bytes/byte-string.ts'
import { type Bytes, ByteWriter } from '../bytes/byte-writer.ts'

/** Blocks leave from this size on. */
const BLOCK_BYTES = 256 * 1024
/** Redis itself rewrites an AOF with 64 elements a command; more is faster, and far from any limit. */
const BATCH_ELEMENTS = 256
const BATCH_BYTES = 256 * 1024

export class CommandOutput {
  readonly #writer = new ByteWriter(BLOCK_BYTES + BLOCK_BYTES / 4)
  commands = 0

  get isFull(): boolean {
    return this.#writer.length >= BLOCK_BYTES
  }

  /** What was written since the last time; the caller's own. */
  take(): Buffer {
    return this.#writer.take()
  }

  command(...words: readonly (Bytes | string | number)[]): void {
    this.head(words.length)
    for (const word of words) this.word(word)
  }

  /** The same of words that are strings already. */
  commandOf(before: readonly string[], words: readonly string[]): void {
    this.head(before.length + words.length)
    for (const word of before) this.word(word)
    for (const word of words) this.word(word)
  }

  /** The beginning of a command of so many words, which must follow. */
  head(words: number): void {
    this.commands++
    this.#writer.put(`*${words}\r\n` as ByteString)
  }

  /** @param word a string of characters up to 0xff */
  word(word: Bytes | string | number): void {
    const bytes = (typeof word === 'number' ? String(word) : word) as Bytes
    this.wordHead(bytes.length)
    this.#writer.put(bytes)
    this.wordEnd()
  }

  /** What stands before a word of so many bytes whose bytes are written by somebody else. */
  wordHead(bytes: number): void {
    this.#writer.put(`$${bytes}\r\n` as ByteString)
  }

  wordEnd(): void {
    this.#writer.put('\r\n' as ByteString)
  }
}

/** Elements of one key that go out together. */
export class Batch {
  readonly words: string[] = []
  #elements = 0
  #bytes = 0

  /** Adds the words of one element. Returns true when the batch should leave. */
  add(...words: readonly string[]): boolean {
    for (const word of words) {
      this.words.push(word)
      this.#bytes += word.length
    }
    return ++this.#elements >= BATCH_ELEMENTS || this.#bytes >= BATCH_BYTES
  }

  get isEmpty(): boolean {
    return this.#elements === 0
  }

  clear(): void {
    this.words.length = 0
    this.#elements = 0
    this.#bytes = 0
  }
}
