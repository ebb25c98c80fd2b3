/**
 * Lengths and strings of a run of records (run-memory.ts), as functions of a program.
 *
 * Each takes an address, sets what it found, and gives the address behind it; or 0 for all that is not
 * ordinary: not whole, not sound, or longer than the program can hold. The forms are described in lengths.ts
 * and strings.ts, compression in bytes/lzf.ts; what is accepted here is what is accepted there.
 */
import { inflateFunction } from '../../bytes/lzf-machine.ts'
import {
  type Callable,
  constant,
  during,
  type Expr,
  either,
  give,
  I64,
  load8,
  load8Signed,
  load16Signed,
  load32Signed,
  type Operand,
  type Program,
  type Variable,
  when,
} from '../../bytes/wasm.ts'
import { STRING_FORM } from './format.ts'
import { INFLATED, INFLATED_MAX } from './run-memory.ts'
import { MAX_VALUE_BYTES } from './walk.ts'

const MINUS = 0x2d
const ZERO = 0x30
const SPECIAL = 0xc0
const COMPRESSED = SPECIAL | STRING_FORM.LZF
/** What stands for a length of 64 bits: more than there can be of anything. */
const TOO_LONG = 0xffff_ffff

export type StringFunctions = {
  /** Where the run ends. */
  readonly limit: Variable
  /** The length that was read, or the length of the string. */
  readonly length: Variable
  /** Where the bytes of the string are; after passAt() only if it is not compressed. */
  readonly start: Variable
  /** 1: the string is `integer`. */
  readonly isInteger: Variable
  readonly isCompressed: Variable
  readonly integer: Variable
  readonly lengthAt: Callable
  /** A string, checked and passed over. */
  readonly passAt: Callable
  /** A string whose bytes are wanted. */
  readonly holdAt: Callable
}

export function stringFunctions(program: Program): StringFunctions {
  const [limit, length, start] = [program.global(), program.global(), program.global()]
  const [isInteger, isCompressed, integer] = [program.global(), program.global(), program.global(I64)]

  const lengthAt = program.fn((f) => {
    const [at, lead] = [f.param(), f.local()]
    return [
      when(at.ge(limit), give(0)),
      lead.is(load8(at)),
      when(lead.lt(0x40), length.is(lead), give(at.plus(1))),
      when(at.plus(9).gt(limit), give(0)),
      when(lead.lt(0x80), length.is(lead.and(63).shl(8).or(load8(at, 1))), give(at.plus(2))),
      when(lead.eq(0x80), length.is(bigEndian32(at.plus(1))), give(at.plus(5))),
      when(lead.eq(0x81), length.is(TOO_LONG), give(at.plus(9))),
      give(0),
    ]
  })

  const check = checkFunction(program)
  const inflate = inflateFunction(program, INFLATED)
  const compressedAt = program.fn((f) => {
    const [at, inflates, packed, next] = [f.param(), f.param(), f.local(), f.local()]
    const longest = constant(MAX_VALUE_BYTES).plus(inflates.times(INFLATED_MAX - MAX_VALUE_BYTES))
    return [
      isCompressed.is(1),
      at.is(lengthAt(at)),
      when(at.eq(0), give(0)),
      packed.is(length),
      at.is(lengthAt(at)),
      when(at.eq(0).or(length.gt(longest)).or(length.eq(0)), give(0)),
      when(packed.gt(limit.minus(at)), give(0)),
      // What can be at all: see isPlausibleLzf().
      when(length.gt(packed.times(88)).or(packed.gt(length.times(2))), give(0)),
      next.is(at.plus(packed)),
      start.is(INFLATED),
      either(
        inflates,
        [when(inflate(at, next, INFLATED, length.plus(INFLATED)).ne(-1), give(0))],
        [when(check(at, next, length).eq(0), give(0))],
      ),
      give(next),
    ]
  })

  const stringAt = program.fn((f) => {
    const [at, inflates, lead, next] = [f.param(), f.param(), f.local(), f.local()]
    return [
      when(at.ge(limit), give(0)),
      lead.is(load8(at)),
      isInteger.is(0),
      isCompressed.is(0),
      when(lead.eq(COMPRESSED), give(compressedAt(at.plus(1), inflates))),
      when(lead.gt(COMPRESSED), give(0)),
      when(
        lead.ge(SPECIAL),
        lead.is(lead.and(63)),
        next.is(at.plus(1).plus(constant(1).shl(lead))),
        when(next.gt(limit), give(0)),
        isInteger.is(1),
        either(
          lead.eq(STRING_FORM.INT8),
          [integer.is(load8Signed(at, 1))],
          [
            either(
              lead.eq(STRING_FORM.INT16),
              [integer.is(load16Signed(at, 1))],
              [integer.is(load32Signed(at, 1))],
            ),
          ],
        ),
        give(next),
      ),
      next.is(lengthAt(at)),
      when(next.eq(0), give(0)),
      start.is(next),
      when(length.gt(limit.minus(next)), give(0)),
      give(next.plus(length)),
    ]
  })

  const passAt = Object.assign((at: Operand) => stringAt(at, 0), { index: stringAt.index })
  const holdAt = Object.assign((at: Operand) => stringAt(at, 1), { index: stringAt.index })
  return { limit, length, start, isInteger, isCompressed, integer, lengthAt, passAt, holdAt }
}

/** check(at, end, size): as checkLzf() of bytes/lzf.ts; 1 where it is sound, otherwise 0. */
function checkFunction(program: Program): Callable {
  return program.fn((f) => {
    const [at, end, size] = [f.param(), f.param(), f.param()]
    const [control, next, length, filled] = [f.local(), f.local(), f.local(), f.local()]
    return [
      during(
        at.lt(end),
        control.is(load8(at)),
        next.is(at.plus(2)),
        either(
          control.lt(32),
          [next.add(control), filled.add(control.plus(1))],
          [
            length.is(control.shr(5).plus(2)),
            when(length.eq(9), length.add(load8(at, 1)), next.add(1)),
            when(
              control
                .and(31)
                .shl(8)
                .or(load8(next.minus(1)))
                .ge(filled),
              give(0),
            ),
            filled.add(length),
          ],
        ),
        when(next.gt(end).or(filled.gt(size)), give(0)),
        at.is(next),
      ),
      give(filled.eq(size)),
    ]
  })
}

function bigEndian32(at: Expr): Expr {
  const [a, b, c, d] = [load8(at), load8(at, 1), load8(at, 2), load8(at, 3)]
  return a.shl(24).or(b.shl(16)).or(c.shl(8)).or(d)
}

/** isInteger64(at, end): as isInteger64() of strings.ts, for at most twenty characters. */
export function integerTest(program: Program): Callable {
  return program.fn((f) => {
    const [at, end, isNegative, digits] = [f.param(), f.param(), f.local(), f.local()]
    const [digit, total] = [f.local(), f.local(I64)]
    return [
      when(at.eq(end), give(0)),
      isNegative.is(load8(at).eq(MINUS)),
      at.add(isNegative),
      digits.is(end.minus(at)),
      when(digits.eq(0).or(digits.gt(19)), give(0)),
      when(load8(at).eq(ZERO), give(digits.eq(1).and(isNegative.eq(0)))),
      during(
        at.lt(end),
        digit.is(load8(at).minus(ZERO)),
        when(digit.gt(9), give(0)),
        total.is(total.times(10).plus(digit.wide())),
        at.add(1),
      ),
      total.is(total.minus(isNegative.wide())),
      give(total.le(0x7fff_ffff_ffff_ffffn)),
    ]
  })
}
