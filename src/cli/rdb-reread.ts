/** What the verbs that read a snapshot more than once tell on stderr: how far they are, and what is damaged. */
import { readable } from '../bytes/byte-string.ts'
import type { DamagedSnapshot } from '../rdb/reread.ts'
import { count, counted, share } from '../sink/units.ts'

const FIRST_AFTER_MS = 1000
const EVERY_MS = 200
const CLEAR_LINE = '\r\x1b[2K'

/** One line on a terminal, once it takes longer than a second. */
export class RereadProgress {
  #next = Date.now() + FIRST_AFTER_MS
  #isShown = false

  readonly show = (what: string, position: number, size: number): void => {
    if (!process.stderr.isTTY || Date.now() < this.#next) return
    this.#next = Date.now() + EVERY_MS
    this.#isShown = true
    process.stderr.write(`${CLEAR_LINE}${what}  ${share(position, size)}`)
  }

  clear(): void {
    if (this.#isShown) process.stderr.write(CLEAR_LINE)
    this.#isShown = false
  }
}

/** `dump.rdb: damaged at byte 1,048 while reading the value of a key "k" …`; one line. */
export function damageText({ snapshot, fault }: DamagedSnapshot): string {
  const { position, reading, key, detail, keys } = fault
  const of = key === undefined ? '' : ` ${readable(typeof key === 'string' ? key : key.preview)}`
  const before = `${counted(keys, 'key')} before it ${keys === 1 ? 'is' : 'are'} good`
  return `${snapshot.name}: damaged at byte ${count(position)} while reading ${reading}${of}: ${detail}. ${before}.`
}
