/**
 * JsonRun: ordinary records, one after the other, straight from their bytes to those of the output.
 *
 * The inner loop is a program (json-program.ts). Here is what it borrows: the window, the texts that stand in
 * every record, and scores that are no integers, which JavaScript knows how to read and to print.
 */

import type { ByteSource } from '../bytes/byte-source.ts'
import { byteString } from '../bytes/byte-string.ts'
import { ByteWriter } from '../bytes/byte-writer.ts'
import { namesOf } from '../codec/rdb/encoding.ts'
import { TYPE } from '../codec/rdb/format.ts'
import { scoreOf } from '../codec/rdb/lengths.ts'
import { OUTPUT, RunInput } from '../codec/rdb/run-memory.ts'
import type { RecordRun } from '../codec/rdb/walk.ts'
import { putDouble } from './json-numbers.ts'
import { type JsonFunctions, jsonMachine, type LentFunctions, SLOT, slotAt } from './json-program.ts'
import { fillTextTables } from './json-text-program.ts'
import { decimalAt } from './shortest-double.ts'

const LENGTH_BYTES = 8

export class JsonRun implements RecordRun {
  readonly #onText: (text: Buffer, keys: number) => void
  readonly #memory: Buffer
  readonly #functions: JsonFunctions
  readonly #input: RunInput
  /** Writes into the memory of the program. */
  readonly #writer = new ByteWriter()
  #db = -1

  /** @param onText is told the text of so many records, borrowed */
  constructor(onText: (text: Buffer, keys: number) => void) {
    this.#onText = onText
    const lent: LentFunctions = {
      score: (at, length, to) => {
        const memory = this.#memory
        const value = decimalAt(memory, at, at + length)
        return this.#score(Number.isNaN(value) ? scoreOf(byteString(memory, at, at + length)) : value, to)
      },
      double: (at, to) => this.#score(this.#memory.readDoubleLE(at), to),
    }
    const { memory, run } = jsonMachine(lent)
    this.#memory = memory
    this.#writer.bytes = memory
    this.#functions = run
    this.#input = new RunInput(memory)
    fillTextTables(memory)
    this.#fillSlots()
  }

  read(src: ByteSource, db: number): number {
    if (db !== this.#db) this.#fill(SLOT.DATABASE, `{"db":${db},"key":`)
    this.#db = db
    const { run, keys, written } = this.#functions
    let all = 0
    while (src.available > 0) {
      const at = this.#input.load(src)
      const end = run(at, this.#input.end)
      const count = keys()
      if (count === 0) break
      this.#onText(this.#memory.subarray(OUTPUT, written()), count)
      all += count
      src.index += end - at
    }
    return all
  }

  #score(value: number | undefined, to: number): number {
    // What is no number is damage, and that is not told here.
    if (value === undefined) return 0
    this.#writer.length = to
    putDouble(this.#writer, value)
    return this.#writer.length
  }

  #fillSlots(): void {
    for (let type = 0; type < SLOT.INT; type++) {
      const names = namesOf(type)
      if (names !== undefined) this.#fill(type, typeText(names.type, names.encoding))
    }
    const { type } = namesOf(TYPE.STRING)!
    this.#fill(SLOT.INT, typeText(type, 'int'))
    this.#fill(SLOT.EMBSTR, typeText(type, 'embstr'))
    this.#fill(SLOT.RAW, typeText(type, 'raw'))
    this.#fill(SLOT.EXPIRY, ',"expireAt":')
    this.#fill(SLOT.VALUE, ',"value":')
  }

  #fill(slot: number, text: string): void {
    this.#memory.writeUInt32LE(text.length, slotAt(slot))
    this.#memory.write(text, slotAt(slot) + LENGTH_BYTES, 'latin1')
  }
}

function typeText(type: string, encoding: string): string {
  return `,"type":"${type}","encoding":"${encoding}"`
}
