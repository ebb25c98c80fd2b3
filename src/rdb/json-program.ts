/**
 * The program that writes ordinary records as JSON: what KeyJson writes of them, from memory to memory.
 *
 *   [fc i64] … type  key  value     →     {"db":0,"key":"k","type":"set","encoding":"intset","value":["1"]}
 *
 * It stops before the first record that is not ordinary: streams, modules and rare types, hashes that are no
 * JSON object (hash-form.ts), what is not whole, sound or small. Those go through the grammar (key-json.ts).
 * A record is written while it is read; where it proves not to be ordinary, its text is given up.
 */
import {
  during,
  type Expr,
  either,
  give,
  load8,
  load32,
  load64,
  loop,
  Program,
  type Statement,
  store64,
  type Variable,
  when,
} from '../bytes/wasm.ts'
import { EMBEDDED_MAX } from '../codec/rdb/encoding.ts'
import { QUICKLIST_NODE, TYPE } from '../codec/rdb/format.ts'
import { attributeFunction } from '../codec/rdb/run-attributes.ts'
import { OUTPUT, pagesFor } from '../codec/rdb/run-memory.ts'
import { packedFunctions } from '../codec/rdb/run-packed.ts'
import { integerTest, stringFunctions } from '../codec/rdb/run-strings.ts'
import { INTEGER_TEXT_MAX } from '../codec/rdb/strings.ts'
import { next, packedTexts, UNSAFE } from './json-packed-program.ts'
import { BEHIND_TABLES, foundText, IS_TEXT, needs, put, textFunctions } from './json-text-program.ts'

const COMMA = 0x2c
const COLON = 0x3a
const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const NEWLINE = 0x0a
const DOUBLE = 8

/**
 * Texts of which records consist, each in a slot: its length in eight bytes, and itself. There is one for each
 * type byte (`,"type":…,"encoding":…`), and these.
 */
const SLOT_BYTES = 128
export const SLOT = { INT: 27, EMBSTR: 28, RAW: 29, DATABASE: 30, EXPIRY: 31, VALUE: 32 } as const
export const slotAt = (index: number): number => BEHIND_TABLES + index * SLOT_BYTES

const OUTPUT_BYTES = 1024 * 1024
/** What is written without asking for room: texts, numbers, brackets. */
const MARGIN = 1024

export type JsonFunctions = {
  /** Writes the records from address to address. Gives the address behind the last that was written. */
  run(at: number, end: number): number
  /** How many they were, and where their text ends. */
  keys(): number
  written(): number
}

/** What JavaScript lends: both write a score at `to` and answer where it ends, or 0. */
export type LentFunctions = {
  /** From its text. */
  score(at: number, length: number, to: number): number
  /** From eight bytes. */
  double(at: number, to: number): number
}

export const jsonMachine = assembled()

function assembled() {
  const program = new Program()
  const score = program.lent('score', 3)
  const double = program.lent('double', 2)
  const strings = stringFunctions(program)
  const { limit, length, start, lengthAt, holdAt } = strings
  const packed = packedFunctions(program)
  const { expiryAt, attributesAt } = attributeFunction(program, strings)
  const text = textFunctions(program)
  const { to, room, putInteger } = text
  const isInteger64 = integerTest(program)
  const keys = program.global()
  const putByte = put(to)

  const putText = program.fn((f) => {
    const [slot, size, at] = [f.param(), f.local(), f.local()]
    return [
      size.is(load32(slot)),
      during(at.lt(size), store64(to.plus(at), load64(slot.plus(at), 8)), at.add(8)),
      to.add(size),
      give(1),
    ]
  })

  const putString = foundText(program, text, strings)

  /** What stands before the value. */
  const putHead = program.fn((f) => [
    needs(putText(f.param())),
    when(
      expiryAt.ne(0),
      // As unsigned, what is before 1970 is beyond it.
      when(load64(expiryAt).ge(UNSAFE), give(0)),
      needs(putText(slotAt(SLOT.EXPIRY))),
      needs(putInteger(load64(expiryAt))),
    ),
    give(putText(slotAt(SLOT.VALUE))),
  ])

  /** In place of the comma behind the last element, if there is one. */
  const close = (bracket: number): Statement[] => [
    when(load8(to.minus(1)).eq(COMMA), to.add(-1)),
    putByte(bracket),
  ]
  const stringAt = program.fn((f) => {
    const [at, slot] = [f.param(), f.local()]
    return [
      ...next(at, holdAt(at)),
      slot.is(slotAt(SLOT.RAW)),
      when(length.le(EMBEDDED_MAX), slot.is(slotAt(SLOT.EMBSTR))),
      either(
        strings.isInteger,
        [slot.is(slotAt(SLOT.INT))],
        [
          when(
            length.le(INTEGER_TEXT_MAX),
            when(isInteger64(start, start.plus(length)), slot.is(slotAt(SLOT.INT))),
          ),
        ],
      ),
      needs(putHead(slot)),
      needs(putString()),
      give(at),
    ]
  })

  const { elementsAt, fieldsAt, scoredAt, membersAt } = packedTexts(program, packed, text, score)

  const nodesAt = program.fn((f) => {
    const [at, left, container] = [f.param(), f.local(), f.local()]
    return [
      ...next(at, lengthAt(at)),
      left.is(length),
      putByte(OPEN_LIST),
      during(
        left.gt(0),
        when(at.ge(limit), give(0)),
        container.is(load8(at)),
        ...next(at, holdAt(at.plus(1))),
        either(
          container.eq(QUICKLIST_NODE.PACKED),
          [when(strings.isInteger, give(0)), needs(elementsAt(start, length))],
          [when(container.ne(QUICKLIST_NODE.PLAIN), give(0)), needs(putString()), putByte(COMMA)],
        ),
        left.add(-1),
      ),
      ...close(CLOSE_LIST),
      give(at),
    ]
  })

  const countAt = (at: Variable, left: Variable): Statement[] => [...next(at, lengthAt(at)), left.is(length)]
  const listAt = program.fn((f) => {
    const [at, left] = [f.param(), f.local()]
    return [
      ...countAt(at, left),
      putByte(OPEN_LIST),
      during(left.gt(0), ...next(at, holdAt(at)), needs(putString()), putByte(COMMA), left.add(-1)),
      ...close(CLOSE_LIST),
      give(at),
    ]
  })
  const hashAt = program.fn((f) => {
    const [at, left] = [f.param(), f.local()]
    return [
      ...countAt(at, left),
      putByte(OPEN_OBJECT),
      during(
        left.gt(0),
        ...next(at, holdAt(at)),
        when(putString().ne(IS_TEXT), give(0)),
        putByte(COLON),
        ...next(at, holdAt(at)),
        needs(putString()),
        putByte(COMMA),
        left.add(-1),
      ),
      ...close(CLOSE_OBJECT),
      give(at),
    ]
  })
  const sortedAt = program.fn((f) => {
    const [at, left] = [f.param(), f.local()]
    return [
      ...countAt(at, left),
      putByte(OPEN_LIST),
      during(
        left.gt(0),
        putByte(OPEN_LIST),
        ...next(at, holdAt(at)),
        needs(putString()),
        putByte(COMMA),
        when(at.plus(DOUBLE).gt(limit), give(0)),
        ...next(to, double(at, to)),
        at.add(DOUBLE),
        putByte(CLOSE_LIST),
        putByte(COMMA),
        left.add(-1),
      ),
      ...close(CLOSE_LIST),
      give(at),
    ]
  })

  const valueAt = program.fn((f) => {
    const [at, type, end] = [f.param(), f.param(), f.local()]
    const is = (which: number, ...then: Statement[]) => when(type.eq(which), ...then)
    const wrapped = (open: number, value: Expr, end: number): Statement[] => [
      putByte(open),
      needs(value),
      ...close(end),
    ]
    return [
      is(TYPE.STRING, give(stringAt(at))),
      // So that the slot of a type that does not exist is not read.
      when(type.ge(SLOT.INT), give(0)),
      needs(putHead(type.times(SLOT_BYTES).plus(slotAt(0)))),
      is(TYPE.LIST_QUICKLIST_2, give(nodesAt(at))),
      is(TYPE.LIST, give(listAt(at))),
      is(TYPE.SET, give(listAt(at))),
      is(TYPE.HASH, give(hashAt(at))),
      is(TYPE.ZSET_2, give(sortedAt(at))),
      ...next(end, holdAt(at)),
      when(strings.isInteger, give(0)),
      is(TYPE.HASH_LISTPACK, ...wrapped(OPEN_OBJECT, fieldsAt(start, length), CLOSE_OBJECT), give(end)),
      is(TYPE.ZSET_LISTPACK, ...wrapped(OPEN_LIST, scoredAt(start, length), CLOSE_LIST), give(end)),
      is(TYPE.SET_LISTPACK, ...wrapped(OPEN_LIST, elementsAt(start, length), CLOSE_LIST), give(end)),
      is(TYPE.SET_INTSET, ...wrapped(OPEN_LIST, membersAt(start, length), CLOSE_LIST), give(end)),
      give(0),
    ]
  })

  const recordAt = program.fn((f) => {
    const [at, name] = [f.param(), f.local()]
    return [
      needs(putText(slotAt(SLOT.DATABASE))),
      ...next(at, attributesAt(at)),
      ...next(name, holdAt(at.plus(1))),
      needs(putString()),
      ...next(at, valueAt(name, load8(at))),
      putByte(CLOSE_OBJECT),
      putByte(NEWLINE),
      give(at),
    ]
  })

  const run = program.fn((f) => {
    const [at, end, after, begin] = [f.param(), f.param(), f.local(), f.local()]
    return [
      limit.is(end),
      to.is(OUTPUT),
      room.is(OUTPUT + OUTPUT_BYTES - MARGIN),
      keys.is(0),
      loop(({ leave }) => [
        begin.is(to),
        after.is(recordAt(at)),
        when(after.eq(0), to.is(begin), give(at)),
        at.is(after),
        keys.add(1),
        when(to.gt(room), leave),
      ]),
      give(at),
    ]
  })

  return program.assemble<JsonFunctions>(pagesFor(OUTPUT_BYTES), {
    run,
    keys: program.fn(() => [give(keys)]),
    written: program.fn(() => [give(to)]),
  })
}
