/**
 * Memory: an estimate of the bytes that the dataset takes, not far above what it would take in Redis:
 * `maxmemory` is a number that people bring from there.
 *
 * The garbage collector's own figures cover the whole process and move in jumps; limits (maxmemory) need a
 * number that follows each write. So every entry says what it takes, and the sum is kept: what an execution
 * may have changed is measured when it is over.
 */
import type { Database } from './dataset/database.ts'
import type { Entry } from './dataset/entry.ts'

/** What an empty server takes, as far as an estimate goes. */
export const STARTUP_BYTES = 1024 * 1024

export class Memory {
  /** Bytes of the whole dataset, estimated. */
  used = 0
  peak = 0

  /** An entry is there now, or takes something else than before. */
  counted(entry: Entry): void {
    const size = entry.sizeBytes
    this.used += size - entry.countedBytes
    entry.countedBytes = size
    if (this.used > this.peak) this.peak = this.used
  }

  forgotten(entry: Entry): void {
    this.used -= entry.countedBytes
    entry.countedBytes = 0
  }

  cleared(db: Database): void {
    for (const entry of db.entries.items) this.used -= entry.countedBytes
  }
}
