/**
 * What stands between the keys: attributes of the next key, and facts about the file.
 *
 *   fc i64   fd i32   f8 length   f9 u8     expiry in ms, in s, idle seconds, access counter: of the next key
 *   fe length   fb length length   fa string string     database; its size (a hint); aux field
 *   f5 string   f6 …   f7 id …   f4 …       function; pre-release function; module aux; slot hint
 *   f3                                      key metadata (Redis) or slot import (Valkey)
 *
 * Source: redis `src/rdb.h`, `src/rdb.c`; valkey 9 `src/rdb.c`.
 */
import { Malformed, type Program } from '../../bytes/resumable.ts'
import { OPCODE, type RdbFamily } from './format.ts'
import { readLength, readTimeMs, readTimeSeconds, readUint64 } from './lengths.ts'
import { metaClassOf, moduleIdOf, moduleValues } from './modules.ts'
import type { Walk } from './walk.ts'

/** A library of functions is told whole up to this size, and so is a Lua script in an aux field. */
const CODE_MAX = 4 * 1024 * 1024
/** A cluster has so many slots; no import has more ranges. */
const SLOTS = 16384
/** The opcode (UINT) that stands before the `when` of a module aux record. */
const WHEN_OPCODE = 2

/** What opcodes leave behind for the keys after them. */
export type RecordState = {
  family: RdbFamily
  db: number
  expireAt: number | undefined
  idle: number | undefined
  freq: number | undefined
  /** Position of the first attribute of the next key, -1 if it has none so far. */
  start: number
}

/** Reads what belongs to an opcode, whose byte was at `position`. */
export function* opcodeProgram(walk: Walk, opcode: number, state: RecordState, position: number): Program {
  const src = walk.src
  let value: number | undefined
  switch (opcode) {
    case OPCODE.EXPIRE_MS:
      while ((value = readTimeMs(src)) === undefined) yield
      state.expireAt = value
      break
    case OPCODE.EXPIRE_S:
      while ((value = readTimeSeconds(src)) === undefined) yield
      state.expireAt = value * 1000
      break
    case OPCODE.IDLE:
      while ((value = readLength(src)) === undefined) yield
      state.idle = value
      break
    case OPCODE.FREQ:
      while ((value = src.u8()) === undefined) yield
      state.freq = value
      break
    case OPCODE.SELECT_DB:
      while ((value = readLength(src)) === undefined) yield
      state.db = value
      walk.emit({ kind: 'select-db', db: value })
      return
    case OPCODE.RESIZE_DB: {
      const keys = yield* length(walk)
      const expires = yield* length(walk)
      walk.emit({ kind: 'resize-db', db: state.db, keys, expires })
      return
    }
    case OPCODE.AUX: {
      const name = yield* walk.name(CODE_MAX)
      walk.emit({ kind: 'aux', name, value: yield* walk.name(CODE_MAX) })
      return
    }
    case OPCODE.FUNCTION2:
      walk.emit({ kind: 'function', code: yield* walk.name(CODE_MAX) })
      return
    case OPCODE.FUNCTION_PRE_GA:
      return yield* functionBeforeRelease(walk)
    case OPCODE.MODULE_AUX:
      return yield* moduleAux(walk)
    case OPCODE.SLOT_INFO: {
      const slot = yield* length(walk)
      const keys = yield* length(walk)
      const expires = yield* length(walk)
      walk.emit({ kind: 'slot-info', slot, keys, expires })
      return
    }
    case OPCODE.KEY_META_OR_SLOT_IMPORT:
      if (state.family === 'valkey') return yield* slotImport(walk)
      yield* keyMeta(walk)
      break
    default:
      throw unknown(`opcode ${opcode}`, position)
  }
  if (state.start < 0) state.start = position
}

/** The end of all knowledge: something has a number that we do not know how to walk over. */
export function unknown(what: string, position: number): Malformed {
  return new Malformed('RDB_UNKNOWN', `unknown ${what}`, position)
}

/** Redis 7.0 release candidates: name, engine, has description, description, code. */
function* functionBeforeRelease(walk: Walk): Program {
  yield* walk.name(CODE_MAX)
  yield* walk.name(CODE_MAX)
  const hasDescription = yield* length(walk)
  if (hasDescription !== 0) yield* walk.name(CODE_MAX)
  walk.emit({ kind: 'function', code: yield* walk.name(CODE_MAX) })
}

function* moduleAux(walk: Walk): Program {
  const src = walk.src
  let id: number | bigint | undefined
  while ((id = readUint64(src)) === undefined) yield
  const opcode = yield* length(walk)
  if (opcode !== WHEN_OPCODE) {
    throw new Malformed('RDB_BAD_VALUE', `module aux record without its time, opcode ${opcode}`, src.position)
  }
  const when = yield* length(walk)
  walk.emit({ kind: 'module-aux', module: moduleIdOf(id), when })
  yield* moduleValues(walk)
}

function* keyMeta(walk: Walk): Program {
  const src = walk.src
  for (let left = yield* length(walk); left > 0; left--) {
    while (src.available < 4) {
      src.wants(4)
      yield
    }
    const spec = src.bytes.readUInt32LE(src.index)
    src.index += 4
    const { name, version, flags } = metaClassOf(spec)
    walk.emit({ kind: 'key-meta', name, version, flags, spec })
    yield* moduleValues(walk)
  }
}

function* slotImport(walk: Walk): Program {
  const job = yield* walk.name(CODE_MAX)
  const ranges = yield* length(walk)
  if (ranges > SLOTS) {
    throw new Malformed(
      'RDB_LIMIT',
      `slot import of ${ranges} ranges; there are ${SLOTS} slots`,
      walk.src.position,
    )
  }
  const slots: number[] = []
  for (let i = 0; i < ranges * 2; i++) slots.push(yield* length(walk))
  walk.emit({ kind: 'slot-import', job, slots })
}

function* length(walk: Walk): Generator<void, number, void> {
  let value: number | undefined
  while ((value = readLength(walk.src)) === undefined) yield
  return value
}
