/**
 * JSON strings and integers as functions of a program: what json-text.ts and json-numbers.ts write, from
 * memory to memory, eight bytes at a time.
 *
 *   own memory:  escapes, 8 bytes a character: its text, and in the last byte how long that is
 *                pairs, 2 bytes for 12 bits: two letters of base64
 *
 * All write behind `to` and move it. What they need is checked against `room`, behind which a few hundred
 * bytes are still free; they give 0 where it does not suffice.
 */
import {
  type Callable,
  constant,
  type Expr,
  either,
  give,
  I64,
  load8,
  load16,
  load64,
  loop,
  type Operand,
  type Program,
  type Statement,
  store8,
  store16,
  store32,
  store64,
  type Variable,
  when,
} from '../bytes/wasm.ts'
import { BASE64, ESCAPE_MAX, escapeOf } from './json-text.ts'

const ESCAPES = 0
const PAIRS = 1024
const DIGITS = PAIRS + 8192
/** Where other tables may be. */
export const BEHIND_TABLES = DIGITS + 64
const DIGITS_ROOM = 24

const QUOTE = 0x22
const PADDING = 0x3d
const MINUS = 0x2d
const ZERO = 0x30
const EACH_20 = 0x2020_2020_2020_2020n
const EACH_QUOTE = 0x2222_2222_2222_2222n
const EACH_BACKSLASH = 0x5c5c_5c5c_5c5c_5c5cn
const EACH_01 = 0x0101_0101_0101_0101n
const EACH_80 = -0x7f7f_7f7f_7f7f_7f80n
/** `{"b64":"`, which are eight bytes, and `"}`. */
const B64_OPEN = Buffer.from('{"b64":"').readBigInt64LE()
const B64_CLOSE = Buffer.from('"}').readUInt16LE()

export const IS_TEXT = 1
export const IS_BASE64 = 2

export type TextFunctions = {
  readonly to: Variable
  readonly room: Variable
  /** putBytes(at, length): a string, or its base64. Gives IS_TEXT or IS_BASE64. */
  readonly putBytes: Callable
  /** putInteger(value): its decimal text. */
  readonly putInteger: Callable
}

/** Puts one byte. */
export function put(to: Variable): (byte: Operand) => Statement {
  return (byte) => (depth) => [store8(to, byte)(depth), to.add(1)(depth)]
}

/** Fills in the tables, at the beginning of a memory. */
export function fillTextTables(memory: Buffer): void {
  for (let byte = 0; byte < 128; byte++) {
    const text = escapeOf(byte)
    memory.set(text, ESCAPES + byte * 8)
    memory[ESCAPES + byte * 8 + 7] = text.length
  }
  for (let bits = 0; bits < 4096; bits++) {
    memory[PAIRS + bits * 2] = BASE64[bits >>> 6]!
    memory[PAIRS + bits * 2 + 1] = BASE64[bits & 63]!
  }
}

export function textFunctions(program: Program): TextFunctions {
  const [to, room] = [program.global(), program.global()]
  const putByte = put(to)
  const characterAt = characterFunction(program)

  const putBase64 = program.fn((f) => {
    const [at, end, group] = [f.param(), f.param(), f.local()]
    const pair = (bits: Expr) => load16(bits.shl(1), PAIRS)
    return [
      store64(to, B64_OPEN),
      to.add(8),
      loop(({ leave }) => [
        when(at.plus(3).gt(end), leave),
        group.is(load8(at).shl(16).or(load8(at, 1).shl(8)).or(load8(at, 2))),
        store32(to, pair(group.shr(12)).or(pair(group.and(4095)).shl(16))),
        at.add(3),
        to.add(4),
      ]),
      when(
        at.lt(end),
        group.is(load8(at).shl(16)),
        when(at.plus(1).lt(end), group.is(group.or(load8(at, 1).shl(8)))),
        store32(to, pair(group.shr(12)).or(pair(group.and(4095)).shl(16))),
        when(at.plus(1).eq(end), store8(to, PADDING, 2)),
        store8(to, PADDING, 3),
        to.add(4),
      ),
      store16(to, B64_CLOSE),
      to.add(2),
      give(IS_BASE64),
    ]
  })

  const putBytes = program.fn((f) => {
    const [at, length] = [f.param(), f.param()]
    const [start, end, begin, size, byte] = [f.local(), f.local(), f.local(), f.local(), f.local()]
    const [word, special] = [f.local(I64), f.local(I64)]
    return [
      when(length.times(ESCAPE_MAX).plus(to).gt(room), give(0)),
      start.is(at),
      begin.is(to),
      end.is(at.plus(length)),
      putByte(QUOTE),
      loop(({ again, leave }) => [
        word.is(load64(at)),
        store64(to, word),
        // The high bit of a byte: it is beyond ASCII, below a space, a quote or a backslash. Borrowing makes
        // that wrong only behind the first such byte, and only the first is asked for.
        special.is(
          word
            .or(word.minus(EACH_20))
            .or(word.xor(EACH_QUOTE).minus(EACH_01))
            .or(word.xor(EACH_BACKSLASH).minus(EACH_01))
            .and(EACH_80),
        ),
        size.is(special.trailingZeros().low().shr(3)),
        when(size.ge(end.minus(at)), to.add(end.minus(at)), leave),
        at.add(size),
        to.add(size),
        when(size.eq(8), again),
        byte.is(load8(at)),
        either(
          byte.lt(0x80),
          [store64(to, load64(byte.shl(3), ESCAPES)), to.add(load8(byte.shl(3), ESCAPES + 7)), at.add(1)],
          [
            size.is(characterAt(at, end)),
            when(size.eq(0), to.is(begin), give(putBase64(start, end))),
            store64(to, load64(at)),
            at.add(size),
            to.add(size),
          ],
        ),
        when(at.eq(end), leave),
      ]),
      putByte(QUOTE),
      give(IS_TEXT),
    ]
  })

  return { to, room, putBytes, putInteger: integerFunction(program, to, room) }
}

/** characterAt(at, end): how many bytes the UTF-8 character has that is not ASCII; 0 where it is none. */
function characterFunction(program: Program): Callable {
  return program.fn((f) => {
    const [at, end, lead, head] = [f.param(), f.param(), f.local(), f.local()]
    const follows = (offset: number) => load8(at, offset).and(0xc0).eq(0x80)
    const isHere = (size: number) => at.plus(size).le(end)
    return [
      lead.is(load8(at)),
      when(lead.lt(0xc2), give(0)),
      when(lead.lt(0xe0), give(isHere(2).and(follows(1)).shl(1))),
      // The six highest bits below the lead are enough to tell what is too low, too high or a surrogate.
      head.is(lead.and(15).shl(6).or(load8(at, 1).and(63))),
      when(
        lead.lt(0xf0),
        when(head.lt(0x20).or(head.shr(5).eq(0x1b)), give(0)),
        give(isHere(3).and(follows(1)).and(follows(2)).times(3)),
      ),
      when(lead.gt(0xf4).or(head.lt(0x10)).or(head.ge(0x110)), give(0)),
      give(isHere(4).and(follows(1)).and(follows(2)).and(follows(3)).times(4)),
    ]
  })
}

function integerFunction(program: Program, to: Variable, room: Variable): Callable {
  return program.fn((f) => {
    const [value, at, small, tenth] = [f.param(I64), f.local(), f.local(), f.local()]
    const [wide] = [f.local(I64)]
    const digit = (of: Expr): Statement[] => [at.add(-1), store8(at, of.plus(ZERO))]
    return [
      when(to.gt(room), give(0)),
      when(value.below(0), put(to)(MINUS), value.is(constant(0).wide().minus(value))),
      at.is(DIGITS + DIGITS_ROOM),
      loop(({ leave }) => [
        when(value.shr(32).eq(0), leave),
        wide.is(value.over(10)),
        ...digit(value.minus(wide.times(10)).low()),
        value.is(wide),
      ]),
      small.is(value.low()),
      loop(({ leave }) => [
        tenth.is(small.over(10)),
        ...digit(small.minus(tenth.times(10))),
        small.is(tenth),
        when(small.eq(0), leave),
      ]),
      // At most twenty characters; what is behind them is free.
      store64(to, load64(at)),
      store64(to, load64(at, 8), 8),
      store64(to, load64(at, 16), 16),
      to.add(constant(DIGITS + DIGITS_ROOM).minus(at)),
      give(1),
    ]
  })
}

/** Gives up, unless that was done. */
export const needs = (done: Expr): Statement => when(done.eq(0), give(0))

/** Writes the string that was just found, or the integer. Gives IS_TEXT or IS_BASE64. */
export function foundText(
  program: Program,
  { to, putBytes, putInteger }: TextFunctions,
  found: {
    readonly isInteger: Variable
    readonly integer: Variable
    readonly start: Variable
    readonly length: Variable
  },
): Callable {
  return program.fn(() => [
    when(found.isInteger.eq(0), give(putBytes(found.start, found.length))),
    put(to)(QUOTE),
    needs(putInteger(found.integer)),
    put(to)(QUOTE),
    give(IS_TEXT),
  ])
}
