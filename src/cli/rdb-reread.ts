/**
 * What the verbs that read a snapshot more than once have in common: opening it, how far they are, what is
 * damaged.
 */
import { DamagedInput } from '../io/file-input.ts'
import { openSeekable, type SeekableFile } from '../io/seekable-file.ts'
import { keepHeapSmall } from '../io/small-heap.ts'
import { systemNow } from '../io/system-clock.ts'
import { damageText } from '../rdb/damage.ts'
import { DamagedSnapshot } from '../rdb/reread.ts'
import { share } from '../sink/units.ts'

const FIRST_AFTER_MICROS = 1_000_000
const EVERY_MICROS = 200_000
const CLEAR_LINE = '\r\x1b[2K'
const EXIT_DAMAGED = 1

/** One line on a terminal, once it takes longer than a second. */
export class RereadProgress {
  #next = systemNow() + FIRST_AFTER_MICROS
  #isShown = false

  readonly show = (what: string, position: number, size: number): void => {
    if (!process.stderr.isTTY || systemNow() < this.#next) return
    this.#next = systemNow() + EVERY_MICROS
    this.#isShown = true
    process.stderr.write(`${CLEAR_LINE}${what}  ${share(position, size)}`)
  }

  clear(): void {
    if (this.#isShown) process.stderr.write(CLEAR_LINE)
    this.#isShown = false
  }
}

/**
 * Opens the files, works, closes them. Damage is told on stderr.
 * @returns the exit status, 1 for damage @throws UsageError
 */
export async function withSnapshots(
  paths: readonly string[],
  work: (files: readonly SeekableFile[], progress: RereadProgress) => Promise<number>,
): Promise<number> {
  keepHeapSmall()
  const progress = new RereadProgress()
  const files: SeekableFile[] = []
  try {
    for (const path of paths) files.push(await openSeekable(path))
    return await work(files, progress)
  } catch (error) {
    const text = damage(error, paths[files.length])
    if (text === undefined) throw error
    progress.clear()
    process.stderr.write(`syncscope: ${text}\n`)
    return EXIT_DAMAGED
  } finally {
    progress.clear()
    for (const file of files) file.close()
  }
}

/** Undefined for errors that are not about damage. */
function damage(error: unknown, path: string | undefined): string | undefined {
  if (error instanceof DamagedSnapshot) return damageText(error.snapshot.name, error.fault, undefined)
  if (error instanceof DamagedInput) return `${path}: ${error.message}`
  return undefined
}
