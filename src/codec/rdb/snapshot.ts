/**
 * The outer grammar of a snapshot, and of a DUMP payload.
 *
 *   magic ( opcode … | attribute* type key value )* 255 [checksum]          snapshot()
 *   function* | key-meta? type value                                        payload()
 *
 * Attributes (expiry, idle time, access counter, key metadata) belong to the key that follows them;
 * otherwise opcodes may come in any order (opcodes.ts). An unknown type or opcode ends the reading: nothing
 * says how long it is.
 *
 * Source: redis `src/rdb.c`, rdbLoadRioWithLoadingCtx; the same file of valkey 9.
 */

import { byteString } from '../../bytes/byte-string.ts'
import { storedCrc64 } from '../../bytes/crc64.ts'
import { Malformed, type Program } from '../../bytes/resumable.ts'
import { type Form, INTEGER, LONG, PENDING } from '../packed/cursor.ts'
import { type Names, namesOf, stringEncoding } from './encoding.ts'
import type { RdbKey, RdbModuleId, RdbString } from './events.ts'
import { CHECKSUM_SINCE, KNOWN_VERSION, OPCODE, type RdbFamily, TYPE } from './format.ts'
import { readUint64 } from './lengths.ts'
import { moduleIdOf } from './modules.ts'
import { opcodeProgram, type RecordState, unknown } from './opcodes.ts'
import { INTEGER_TEXT_MAX, isInteger64, type StringCursor } from './strings.ts'
import { isWalkedAtOnce, valueProgram } from './values.ts'
import { longText, NOTHING, textOf, type Walk } from './walk.ts'

const MAGIC_BYTES = 9
const CHECKSUM_BYTES = 8
/** What a fault shows of a name that nobody asked for. */
const NAME_KEPT = 64
/** What stands in place of a checksum that was switched off. */
export const NO_CHECKSUM = '0000000000000000'

export class Snapshot {
  /** What is being read, for people. */
  reading = 'the header'
  /** The type byte of the key whose value is being read. */
  type = -1
  /** Keys that were read to their end. */
  keys = 0
  readonly #walk: Walk
  readonly #state: RecordState
  #name: RdbString | undefined
  /** At detail 'sizes': the beginning of the name, in case there is a fault to tell. */
  readonly #kept = Buffer.alloc(NAME_KEPT)
  #keptLength = 0

  constructor(walk: Walk, family: RdbFamily) {
    this.#walk = walk
    this.#state = { family, db: 0, expireAt: undefined, idle: undefined, freq: undefined, start: -1 }
  }

  get db(): number {
    return this.#state.db
  }

  /** The key whose value is being read; at detail 'sizes' no more than its first bytes. */
  get name(): RdbString | undefined {
    const isKept = this.#name === NOTHING && !this.#walk.names
    return isKept ? byteString(this.#kept, 0, this.#keptLength) : this.#name
  }

  /** @param checksumUpTo the checksum of all bytes before a position, as Crc64.hex(). */
  *snapshot(checksumUpTo: (position: number) => string): Program {
    const walk = this.#walk
    const src = walk.src
    const version = yield* this.#header()
    yield* this.#records(undefined)
    this.reading = 'the checksum'
    const keys = this.keys
    if (version < CHECKSUM_SINCE) {
      const bytes = src.position
      walk.emit({ kind: 'end', checksum: 'absent', expected: undefined, computed: undefined, keys, bytes })
      return
    }
    const computed = checksumUpTo(src.position)
    let stored: Buffer | undefined
    while ((stored = src.take(CHECKSUM_BYTES)) === undefined) yield
    const expected = storedCrc64(stored, 0)
    const checksum = expected === NO_CHECKSUM ? 'absent' : expected === computed ? 'good' : 'bad'
    walk.emit({ kind: 'end', checksum, expected, computed, keys, bytes: src.position })
  }

  /** A DUMP payload without its footer, of the key `name`; or a FUNCTION DUMP payload without its footer. */
  payload(name: RdbString): Program {
    return this.#records(name)
  }

  *#header(): Generator<void, number, void> {
    const walk = this.#walk
    let magic: Buffer | undefined
    while ((magic = walk.src.take(MAGIC_BYTES)) === undefined) yield
    const found = /^(?:REDIS(\d{4})|VALKEY(\d{3}))$/.exec(magic.toString('latin1'))
    if (found === null) {
      throw new Malformed('RDB_BAD_MAGIC', 'the first nine bytes are not the magic of a snapshot', 0)
    }
    const family = found[1] === undefined ? 'valkey' : 'redis'
    const version = Number(found[1] ?? found[2])
    this.#state.family = family
    walk.emit({ kind: 'header', family, version, known: version > 0 && version <= KNOWN_VERSION[family] })
    return version
  }

  /** Everything up to the EOF opcode. With a `given` name, no name is read and one value is all. */
  *#records(given: RdbString | undefined): Program {
    const walk = this.#walk
    const { src, strings } = walk
    const state = this.#state
    let type: number | undefined
    let form: Form
    for (;;) {
      this.reading = 'a type or opcode'
      if (walk.run !== undefined && state.start < 0) this.keys += walk.run.read(src, state.db)
      while ((type = src.u8()) === undefined) {
        if (given !== undefined && src.ended) return
        yield
      }
      const position = src.position - 1
      if (type >= OPCODE.KEY_META_OR_SLOT_IMPORT) {
        if (type === OPCODE.EOF && given === undefined) return
        this.reading = 'what belongs to an opcode'
        this.type = type
        yield* opcodeProgram(walk, type, state, position)
        continue
      }
      const names = namesOf(type)
      if (names === undefined) throw unknown(`value type ${type}`, position)
      let name = given
      if (name === undefined) {
        this.reading = 'the name of a key'
        while ((form = strings.read(walk.maxValueBytes)) === PENDING) yield
        name = form === LONG ? yield* longText(strings) : this.#nameOf(strings, form)
      }
      this.#enter(type, name)
      const valueAt = src.position
      let key: RdbKey
      if (type === TYPE.STRING) {
        while ((form = strings.value()) === PENDING) yield
        key = this.#open(name, names, encodingOf(strings, form), undefined, position)
        const value = form === LONG ? yield* walk.long(strings) : walk.take(strings, form)
        if (walk.elements) walk.emit({ kind: 'string', value })
        walk.items = 1
      } else {
        const module = names.type === 'module' ? yield* this.#module(type, position) : undefined
        key = this.#open(name, names, names.encoding, module, position)
        if (!isWalkedAtOnce(walk, type)) yield* valueProgram(walk, type, state.family)
      }
      this.#close(key, valueAt)
      if (given !== undefined) return
    }
  }

  #enter(type: number, name: RdbString): void {
    this.reading = 'the value of a key'
    this.type = type
    this.#name = name
    this.#walk.items = 0
  }

  #nameOf(strings: StringCursor, form: Form): RdbString {
    if (this.#walk.names) return textOf(strings, form)
    this.#remember(strings, form)
    return NOTHING
  }

  #remember(strings: StringCursor, form: Form): void {
    const { bytes, start, end } = strings
    if (form === INTEGER) {
      this.#keptLength = this.#kept.write(String(strings.integer), 'latin1')
      return
    }
    const length = Math.min(end - start, NAME_KEPT)
    for (let i = 0; i < length; i++) this.#kept[i] = bytes[start + i]!
    this.#keptLength = length
  }

  *#module(type: number, position: number): Generator<void, RdbModuleId, void> {
    let id: number | bigint | undefined
    while ((id = readUint64(this.#walk.src)) === undefined) yield
    const module = moduleIdOf(id)
    if (type === TYPE.MODULE_PRE_GA) {
      // Without opcodes, only the module itself knows where its value ends.
      throw unknown(`contents of module ${module.name} in pre-release value type ${type}`, position)
    }
    return module
  }

  #open(
    key: RdbString,
    names: Names,
    encoding: string,
    module: RdbModuleId | undefined,
    position: number,
  ): RdbKey {
    const { db, expireAt, idle, freq } = this.#state
    const rdbType = this.type
    const { type } = names
    const event: RdbKey = {
      kind: 'key',
      db,
      key,
      type,
      encoding,
      rdbType,
      expireAt,
      idle,
      freq,
      module,
      position,
    }
    this.#walk.emit(event)
    return event
  }

  #close(key: RdbKey, valueAt: number): void {
    const walk = this.#walk
    const state = this.#state
    const position = walk.src.position
    const start = state.start < 0 ? key.position : state.start
    const { items } = walk
    this.keys++
    this.#name = undefined
    state.expireAt = state.idle = state.freq = undefined
    state.start = -1
    walk.emit({ kind: 'key-end', of: key, items, bytes: position - start, valueBytes: position - valueAt })
  }
}

function encodingOf(strings: StringCursor, form: Form): string {
  if (form === INTEGER) return 'int'
  const { bytes, start, length } = strings
  // At detail 'keys' a compressed string is inflated only where it may be an integer.
  if (form !== LONG && length <= INTEGER_TEXT_MAX && isInteger64(bytes, start, start + length)) return 'int'
  return stringEncoding(length)
}
