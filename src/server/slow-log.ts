/**
 * SlowLog: the commands that took longer than slowlog-log-slower-than, newest first.
 *
 * Long commands are cut, and so are long words, each with a note of what is missing; secrets do not come in.
 *
 * Source: redis 7.0 `src/slowlog.c`.
 */
import { type ByteString, fromText } from '../bytes/byte-string.ts'
import type { Settings } from './config/settings.ts'

const WORDS_MAX = 32
const WORD_BYTES_MAX = 128

export type SlowEntry = {
  readonly id: number
  /** Unix seconds. */
  readonly at: number
  readonly micros: number
  readonly argv: readonly ByteString[]
  readonly client: string
  readonly clientName: ByteString
}

export class SlowLog {
  readonly #settings: Settings
  #ids = 0
  #entries: SlowEntry[] = []

  constructor(settings: Settings) {
    this.#settings = settings
  }

  get length(): number {
    return this.#entries.length
  }

  /** Whether a command that took so long is to be noted. */
  wants(micros: number): boolean {
    const { slowerThanMicros } = this.#settings
    return slowerThanMicros >= 0 && micros >= slowerThanMicros
  }

  note(entry: Omit<SlowEntry, 'id'>): void {
    this.#entries.unshift({ ...entry, id: this.#ids++, argv: shortened(entry.argv) })
    this.trim()
  }

  /** Keeps slowlog-max-len. */
  trim(): void {
    const max = this.#settings.get<number>('slowlog-max-len')
    if (this.#entries.length > max) this.#entries.length = max
  }

  newest(count: number): readonly SlowEntry[] {
    return this.#entries.slice(0, count)
  }

  reset(): void {
    this.#entries = []
  }
}

function shortened(argv: readonly ByteString[]): ByteString[] {
  const isLong = argv.length > WORDS_MAX
  const kept = argv.slice(0, isLong ? WORDS_MAX - 1 : WORDS_MAX).map((word) => {
    const missing = word.length - WORD_BYTES_MAX
    if (missing <= 0) return word
    return (word.slice(0, WORD_BYTES_MAX) + fromText(`... (${missing} more bytes)`)) as ByteString
  })
  if (isLong) kept.push(fromText(`... (${argv.length - WORDS_MAX + 1} more arguments)`))
  return kept
}
