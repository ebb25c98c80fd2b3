/**
 * SnapshotWriter: the dataset at one moment as RDB blocks, written piece by piece while clients are served.
 *
 *   the walker          takes the tables of all databases as they are at the beginning, downward
 *   snapshot-on-write   an entry that is about to change is written first, wherever the walker is
 *
 * Both go through the same RdbWriter; databases may alternate, each time with a SELECT. FLUSHALL and SWAPDB
 * do not disturb: they replace tables or exchange them, and the walker holds on to the ones it has begun
 * with.
 *
 * Not done here: files, sockets, time. Whoever drives it calls step() when there is time and takes blocks.
 */
import type { ByteString } from '../../bytes/byte-string.ts'
import { RdbWriter, standardAux } from '../../codec/rdb/encode.ts'
import type { RdbEncodeOptions } from '../../codec/rdb/encode-options.ts'
import type { Steps } from '../../codec/rdb/encode-output.ts'
import type { Database } from '../dataset/database.ts'
import { type Entry, NEVER } from '../dataset/entry.ts'
import type { Slots } from '../dataset/slots.ts'
import type { Snapshotting } from '../snapshotting.ts'

export type SnapshotFacts = {
  readonly version: string
  /** Unix seconds. */
  readonly createdAt: number
  readonly usedMemory: number
  readonly replication?: { readonly db: number; readonly id: ByteString; readonly offset: number }
  readonly functions: readonly ByteString[]
}

type Table = { readonly index: number; readonly slots: Slots<Entry>; cursor: number }

/** Entries between two looks at whether a block is full. */
const ENTRIES_AT_ONCE = 16

export class SnapshotWriter {
  readonly #snapshotting: Snapshotting
  readonly #writer: RdbWriter
  readonly #tables: Table[]
  /** Numbers of the tables' databases at the moment of the snapshot; SWAPDB may have exchanged them since. */
  readonly #indices = new Map<Slots<Entry>, number>()
  readonly #sizes = new Map<number, { readonly keys: number; readonly expires: number }>()
  #db = -1
  #steps: Steps | undefined
  readonly #blocks: Buffer[] = []
  #isOver = false
  keys = 0
  /** Of entries that were written before their turn, because they were about to change. */
  copiedBytes = 0
  readonly keysTotal: number

  /** The snapshot is of this very moment. */
  constructor(
    snapshotting: Snapshotting,
    databases: readonly Database[],
    facts: SnapshotFacts,
    options: RdbEncodeOptions,
  ) {
    this.#snapshotting = snapshotting
    this.#writer = new RdbWriter(options)
    const origin = { ...facts, redisVersion: facts.version }
    for (const [name, value] of standardAux(origin)) this.#writer.aux(name, value)
    for (const code of facts.functions) this.#writer.functionLibrary(code)
    this.#tables = databases
      .filter((db) => db.size > 0)
      .map((db) => ({ index: db.index, slots: db.entries, cursor: 0 }))
    for (const db of databases) {
      this.#indices.set(db.entries, db.index)
      this.#sizes.set(db.index, { keys: db.size, expires: db.expiring.length })
    }
    this.keysTotal = databases.reduce((sum, db) => sum + db.size, 0)
    snapshotting.begin({
      write: (db, entry) => this.#writeBeforeChange(db, entry),
      complete: () => this.#finishSteps(),
    })
  }

  /**
   * Writes on until about a block is full.
   * @param entries how many at once, about
   * @returns the blocks that are complete; undefined when all is written
   */
  step(entries = ENTRIES_AT_ONCE): Buffer[] | undefined {
    if (this.#isOver) return undefined
    const table = this.#tables[0]
    if (this.#steps !== undefined) this.#goOn(this.#steps)
    else if (table === undefined) {
      this.#blocks.push(this.#writer.end())
      this.abandon()
    } else {
      table.cursor = table.slots.scan(table.cursor, entries, (entry) => {
        // A value of many steps must end before the next key begins.
        if (this.#steps !== undefined) this.#finishSteps()
        if (this.#snapshotting.claim(entry)) this.#write(table.index, entry)
      })
      if (table.cursor === 0) this.#tables.shift()
    }
    if (this.#writer.full) this.#take()
    return this.#blocks.splice(0)
  }

  /** No more is written; what changes need not be told any longer. */
  abandon(): void {
    this.#isOver = true
    this.#snapshotting.finish()
  }

  #writeBeforeChange(db: Database, entry: Entry): void {
    const index = this.#indices.get(db.entries)
    // A table that is newer than the snapshot has nothing to do with it.
    if (index === undefined) return
    this.#finishSteps()
    this.copiedBytes += entry.sizeBytes
    this.#write(index, entry)
    this.#finishSteps()
    if (this.#writer.full) this.#take()
  }

  #write(index: number, entry: Entry): void {
    if (index !== this.#db) {
      const sizes = this.#sizes.get(index)
      // The hint belongs to the first mention of a database.
      this.#writer.selectDb(index, sizes)
      this.#sizes.delete(index)
      this.#db = index
    }
    this.keys++
    this.#steps = this.#writer.entry({
      key: entry.key,
      value: entry.value.rdb(),
      expireAt: entry.expireAt === NEVER ? undefined : entry.expireAt,
    })
    this.#snapshotting.partial = this.#steps === undefined ? undefined : entry
  }

  #goOn(steps: Steps): void {
    // Not for … of: leaving one would end the steps for good.
    while (!steps.next().done) if (this.#writer.full) return
    this.#steps = undefined
    this.#snapshotting.partial = undefined
  }

  #finishSteps(): void {
    while (this.#steps !== undefined) {
      this.#goOn(this.#steps)
      if (this.#writer.full) this.#take()
    }
  }

  #take(): void {
    this.#blocks.push(this.#writer.take())
  }
}
