/**
 * ReadPacer: on a busy link, read less often and more at a time.
 *
 * A master under load flushes to its replica thousands of times a second. Carrying each flush at once wakes
 * proxy and replica as often, and on a machine that is short of cores the master pays for it. Network cards
 * have the same problem and solve it by coalescing interrupts: when much arrives in small pieces, wait a
 * moment and take them together.
 *
 * A link that is not busy is never delayed, nor is one that has a full buffer to deliver.
 */

/** The rate that makes a link busy, measured over WINDOW_MS. */
const BUSY_BYTES_PER_MS = 8 * 1024
const WINDOW_MS = 10
/** How long a busy link rests after a small read. */
const REST_MS = 1

export class ReadPacer {
  #since = 0
  #bytes = 0
  #isBusy = false

  /**
   * @param size bytes just read, into a buffer of `room` bytes
   * @param nowMs milliseconds on any clock that does not go backwards
   * @returns milliseconds to wait before the next read
   */
  restAfter(size: number, room: number, nowMs: number): number {
    const passed = nowMs - this.#since
    this.#bytes += size
    if (passed >= WINDOW_MS) {
      this.#isBusy = this.#bytes >= passed * BUSY_BYTES_PER_MS
      this.#since = nowMs
      this.#bytes = 0
    }
    return this.#isBusy && size < room / 2 ? REST_MS : 0
  }
}
