/**
 * The disk of a simulated host: snapshot files in memory, which outlive the server that wrote them.
 *
 * A file has its name only when it was committed; a server that dies before leaves what was there. The disk
 * can be full: then writing throws, as a real one would.
 */
import type { Clock } from '../../src/ports.ts'
import type { SnapshotFile, SnapshotStore, StoredFile } from '../../src/server/persistence/saver.ts'
import type { SimRandom } from './sim-random.ts'

/** How long the disk may take to have a file for sure. */
const COMMIT_MICROS_MAX = 20_000

export class SimDisk {
  readonly #random: SimRandom
  #files = new Map<string, Buffer>()
  isFull = false

  constructor(random: SimRandom) {
    this.#random = random
  }

  get names(): string[] {
    return [...this.#files.keys()]
  }

  wipe(): void {
    this.#files = new Map()
  }

  /** The disk as a server sees it, as long as its clock runs. */
  mount(clock: Clock): SnapshotStore {
    return {
      create: (path) => this.#create(path, clock),
      open: (path) => {
        const file = this.#files.get(path)
        return file === undefined ? undefined : stored(file)
      },
    }
  }

  #create(path: string, clock: Clock): SnapshotFile {
    this.#check()
    const blocks: Buffer[] = []
    let isAbandoned = false
    const name = (): void => {
      this.#check()
      this.#files.set(path, Buffer.concat(blocks))
    }
    const inTime = (work: () => void, done: (error: Error | undefined) => void): void => {
      clock.after(this.#random.between(0, COMMIT_MICROS_MAX), () => {
        if (isAbandoned) return
        try {
          work()
        } catch (error) {
          done(error as Error)
          return
        }
        done(undefined)
      })
    }
    const add = (block: Buffer): void => {
      this.#check()
      blocks.push(Buffer.from(block))
    }
    return {
      writeNow: add,
      write: (several, done) => inTime(() => several.forEach(add), done),
      written: () => stored(Buffer.concat(blocks)),
      commitNow: name,
      commit: (done) => inTime(name, done),
      abandon: () => {
        isAbandoned = true
      },
    }
  }

  #check(): void {
    if (this.isFull) throw new Error('ENOSPC: no space left on device')
  }
}

function stored(file: Buffer): StoredFile {
  return { sizeBytes: file.length, chunks: chunksOf(file), close: () => {} }
}

const CHUNK_BYTES = 4096

/** As a real file is read: into one buffer again and again. */
function* chunksOf(file: Buffer): Generator<Buffer> {
  const chunk = Buffer.alloc(CHUNK_BYTES)
  for (let at = 0; at < file.length; at += CHUNK_BYTES) {
    const count = file.copy(chunk, 0, at)
    yield chunk.subarray(0, count)
  }
}
