/**
 * The program that walks over ordinary records and notes their sizes: a row of numbers for each.
 *
 *   [fc i64] [f8 length] [f9 u8]  type  key  value     →     row: start, type at, value at, end, items, form,
 *                                                                 expiry at, idle, access counter
 *
 * It stops before the first record that is not ordinary: not whole in the block, not sound, too large, or of
 * a type that is not here. That one the grammar reads (snapshot.ts), and says what is wrong with it, if
 * anything is.
 *
 * Source: redis `src/rdb.c`, rdbLoadObject; see values.ts and opcodes.ts.
 */
import {
  type Callable,
  during,
  type Expr,
  either,
  give,
  load8,
  loop,
  Program,
  type Statement,
  store32,
  when,
} from '../../bytes/wasm.ts'
import { QUICKLIST_NODE, TYPE } from './format.ts'
import { attributeFunction } from './run-attributes.ts'
import { OUTPUT, pagesFor } from './run-memory.ts'
import { packedFunctions } from './run-packed.ts'
import { streamFunction } from './run-streams.ts'
import { integerTest, stringFunctions } from './run-strings.ts'
import { INTEGER_TEXT_MAX } from './strings.ts'

/** What a row consists of, by index. */
export const ROW = { START: 0, TYPE: 1, VALUE: 2, END: 3, ITEMS: 4, FORM: 5, EXPIRY: 6, IDLE: 7, FREQ: 8 }
const ROW_NUMBERS = Object.keys(ROW).length
export const ROW_BYTES = ROW_NUMBERS * 4
export const ROWS_MAX = 4096
/** FORM: what is to be known of a string besides its length. */
export const IS_INTEGER = 0xffff_ffff
const DOUBLE = 8

export type SizeFunctions = {
  /** Walks from address to address, writes rows, and returns how many. */
  run(at: number, end: number): number
}

export const sizeMachine = assembled()

function assembled() {
  const program = new Program()
  const strings = stringFunctions(program)
  const { limit, length, start, lengthAt, passAt, holdAt } = strings
  const packed = packedFunctions(program)
  const [items, form, row] = [program.global(), program.global(), program.global()]
  const isInteger64 = integerTest(program)
  const { expiryAt, idle, freq, attributesAt } = attributeFunction(program, strings)
  const streamAt = streamFunction(program, strings, packed, items)
  const set = (index: number, value: Expr | number): Statement => store32(row, value, index * 4)

  const stringAt = program.fn((f) => {
    const [at, next] = [f.param(), f.local()]
    return [
      items.is(1),
      next.is(passAt(at)),
      when(next.eq(0), give(0)),
      form.is(length),
      when(strings.isInteger, form.is(IS_INTEGER), give(next)),
      when(
        length.le(INTEGER_TEXT_MAX),
        // No server compresses what is so short.
        when(strings.isCompressed, give(0)),
        when(isInteger64(start, start.plus(length)), form.is(IS_INTEGER)),
      ),
      give(next),
    ]
  })

  /** A packed value; `width` of its elements make an item. */
  const packedAt = (count: Callable) =>
    program.fn((f) => {
      const [at, width, next, found] = [f.param(), f.param(), f.local(), f.local()]
      return [
        next.is(holdAt(at)),
        when(next.eq(0).or(strings.isInteger), give(0)),
        found.is(count(start, length)),
        when(found.eq(0).or(found.minus(1).rest(width).ne(0)), give(0)),
        items.add(found.minus(1).over(width)),
        give(next),
      ]
    })
  const listpackAt = packedAt(packed.listpackCount)
  const intsetAt = packedAt(packed.intsetCount)

  /** A count, and for each so many strings and so many more bytes. */
  const stringsAt = program.fn((f) => {
    const [at, each, more, left] = [f.param(), f.param(), f.param(), f.local()]
    return [
      at.is(lengthAt(at)),
      when(at.eq(0).or(length.gt(limit.minus(at))), give(0)),
      items.is(length),
      left.is(length.times(each)),
      during(left.gt(0), at.is(passAt(at)), when(at.eq(0), give(0)), at.add(more), left.add(-1)),
      when(at.gt(limit), give(0)),
      give(at),
    ]
  })

  const nodesAt = program.fn((f) => {
    const [at, left] = [f.param(), f.local()]
    return [
      at.is(lengthAt(at)),
      when(at.eq(0), give(0)),
      left.is(length),
      during(
        left.gt(0),
        when(at.ge(limit), give(0)),
        either(
          load8(at).eq(QUICKLIST_NODE.PACKED),
          [at.is(listpackAt(at.plus(1), 1))],
          [when(load8(at).ne(QUICKLIST_NODE.PLAIN), give(0)), items.add(1), at.is(passAt(at.plus(1)))],
        ),
        when(at.eq(0), give(0)),
        left.add(-1),
      ),
      give(at),
    ]
  })

  const valueAt = program.fn((f) => {
    const [at, type] = [f.param(), f.param()]
    const of = (which: number, value: Expr) => when(type.eq(which), give(value))
    return [
      of(TYPE.STRING, stringAt(at)),
      of(TYPE.HASH_LISTPACK, listpackAt(at, 2)),
      of(TYPE.LIST_QUICKLIST_2, nodesAt(at)),
      of(TYPE.SET_LISTPACK, listpackAt(at, 1)),
      of(TYPE.SET_INTSET, intsetAt(at, 1)),
      of(TYPE.ZSET_LISTPACK, listpackAt(at, 2)),
      of(TYPE.HASH, stringsAt(at, 2, 0)),
      of(TYPE.ZSET_2, stringsAt(at, 1, DOUBLE)),
      of(TYPE.LIST, stringsAt(at, 1, 0)),
      of(TYPE.SET, stringsAt(at, 1, 0)),
      of(TYPE.STREAM_LISTPACKS, streamAt(at, type)),
      of(TYPE.STREAM_LISTPACKS_2, streamAt(at, type)),
      of(TYPE.STREAM_LISTPACKS_3, streamAt(at, type)),
      give(0),
    ]
  })

  const recordAt = program.fn((f) => {
    const [at, value] = [f.param(), f.local()]
    return [
      set(ROW.START, at),
      at.is(attributesAt(at)),
      when(at.eq(0), give(0)),
      set(ROW.TYPE, at),
      value.is(passAt(at.plus(1))),
      when(value.eq(0), give(0)),
      set(ROW.VALUE, value),
      items.is(0),
      at.is(valueAt(value, load8(at))),
      set(ROW.END, at),
      set(ROW.ITEMS, items),
      set(ROW.FORM, form),
      set(ROW.EXPIRY, expiryAt),
      set(ROW.IDLE, idle),
      set(ROW.FREQ, freq),
      give(at),
    ]
  })

  const run = program.fn((f) => {
    const [at, end] = [f.param(), f.param()]
    return [
      limit.is(end),
      row.is(OUTPUT),
      loop(({ leave }) => [
        when(row.ge(OUTPUT + ROWS_MAX * ROW_BYTES), leave),
        at.is(recordAt(at)),
        when(at.eq(0), leave),
        row.add(ROW_BYTES),
      ]),
      give(row.minus(OUTPUT).over(ROW_BYTES)),
    ]
  })
  return program.assemble<SizeFunctions>(pagesFor((ROWS_MAX + 1) * ROW_BYTES), { run })
}
