/**
 * SizeRun: ordinary records, one after the other, told by their sizes.
 *
 * Of a million records nearly all are small, whole in the window and of a dozen types. For those the
 * generators, cursors and events of the grammar cost more than their bytes do, and before V8 has compiled all
 * that well, half of a snapshot of 200 MB is read. So they are walked by a program that is compiled from the
 * start (size-program.ts). It checks what the grammar checks; whatever is in doubt it leaves to the grammar.
 */
import type { ByteSource } from '../../bytes/byte-source.ts'
import { stringEncoding } from './encoding.ts'
import { OUTPUT, RunInput } from './run-memory.ts'
import { IS_INTEGER, ROW, ROW_BYTES, ROWS_MAX, type SizeFunctions, sizeMachine } from './size-program.ts'
import { SizedRecord } from './sized-record.ts'
import type { RecordRun } from './walk.ts'

export class SizeRun implements RecordRun {
  readonly #onRecord: (record: SizedRecord) => void
  readonly #record = new SizedRecord()
  readonly #memory: Buffer
  readonly #rows: Uint32Array
  readonly #input: RunInput
  readonly #run: SizeFunctions['run']

  /** @param onRecord is told each record; the object is used again for the next */
  constructor(onRecord: (record: SizedRecord) => void) {
    this.#onRecord = onRecord
    const { memory, run } = sizeMachine()
    this.#memory = memory
    this.#rows = new Uint32Array(memory.buffer, OUTPUT, (ROWS_MAX * ROW_BYTES) / 4)
    this.#input = new RunInput(memory)
    this.#run = run.run
  }

  read(src: ByteSource, db: number): number {
    let keys = 0
    while (src.available > 0) {
      const at = this.#input.load(src)
      const count = this.#run(at, this.#input.end)
      if (count === 0) break
      this.#tell(count, src.position - at, db)
      keys += count
      src.index += this.#rows[(count - 1) * (ROW_BYTES / 4) + ROW.END]! - at
    }
    return keys
  }

  /** @param base what makes an address a position */
  #tell(count: number, base: number, db: number): void {
    const rows = this.#rows
    const memory = this.#memory
    const record = this.#record
    record.db = db
    for (let i = 0, at = 0; i < count; i++, at += ROW_BYTES / 4) {
      const typeAt = rows[at + ROW.TYPE]!
      const end = rows[at + ROW.END]!
      const expiryAt = rows[at + ROW.EXPIRY]!
      record.become(memory[typeAt]!)
      if (record.type === 'string') {
        const form = rows[at + ROW.FORM]!
        record.encoding = form === IS_INTEGER ? 'int' : stringEncoding(form)
      }
      record.expires = expiryAt > 0
      if (expiryAt > 0) {
        record.expireAt = memory.readInt32LE(expiryAt + 4) * 0x1_0000_0000 + memory.readUInt32LE(expiryAt)
      }
      record.idle = rows[at + ROW.IDLE]! | 0
      record.freq = rows[at + ROW.FREQ]! | 0
      record.position = base + typeAt
      record.items = rows[at + ROW.ITEMS]!
      record.bytes = end - rows[at + ROW.START]!
      record.valueBytes = end - rows[at + ROW.VALUE]!
      this.#onRecord(record)
    }
  }
}
