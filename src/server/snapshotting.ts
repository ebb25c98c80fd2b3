/**
 * Snapshotting: a snapshot of the dataset at one moment, taken while clients are served.
 *
 * Redis forks and lets the kernel copy pages; we cannot. A snapshot is written entry by entry between other
 * work, and before an entry that is not yet written changes or goes, it is written first
 * (snapshot-on-write):
 *
 *   entry.snapshot < number   not written yet: onChange writes its present value, then the change may happen
 *   entry = partial           being written, in steps: onChange has them ended, then the change may happen
 *   entry.snapshot = number   written, or born after the moment of the snapshot
 *
 * So the snapshot is the dataset at one offset, exactly, and costs the memory of what is being written out.
 */
import type { Database } from './dataset/database.ts'
import type { Entry } from './dataset/entry.ts'

export type SnapshotOnWrite = {
  /** An entry that is not yet written is about to change. Called at most once for each. */
  write(db: Database, entry: Entry): void
  /** The entry that is being written in steps is about to change. */
  complete(): void
}

export class Snapshotting {
  /** Number of the last snapshot that was begun. */
  #number = 0
  #writer: SnapshotOnWrite | undefined
  /** Being written in steps: claimed, but not to its end. */
  partial: Entry | undefined

  get isRunning(): boolean {
    return this.#writer !== undefined
  }

  /** A snapshot of what is there now begins. */
  begin(writer: SnapshotOnWrite): void {
    this.#number++
    this.#writer = writer
    this.partial = undefined
  }

  finish(): void {
    this.#writer = undefined
    this.partial = undefined
  }

  /** An entry is about to change: it is written first as far as that was not done. */
  onChange(db: Database, entry: Entry): void {
    if (this.#writer === undefined) return
    if (entry === this.partial) this.#writer.complete()
    else if (this.claim(entry)) this.#writer.write(db, entry)
  }

  /** Whether the entry is still to be written; from now on it is not. */
  claim(entry: Entry): boolean {
    if (entry.snapshot === this.#number) return false
    entry.snapshot = this.#number
    return true
  }

  /** Born after the moment. */
  added(entry: Entry): void {
    entry.snapshot = this.#number
  }
}
