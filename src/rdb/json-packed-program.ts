/**
 * Packed values as JSON, as functions of a program (json-program.ts): what is between the brackets, with a
 * comma behind each element. All take the address of a blob and its size, and give 0 where they decline.
 */
import {
  type Callable,
  during,
  type Expr,
  either,
  give,
  load32,
  type Program,
  type Statement,
  type Variable,
  when,
} from '../bytes/wasm.ts'
import type { PackedFunctions } from '../codec/rdb/run-packed.ts'
import { foundText, IS_TEXT, needs, put, type TextFunctions } from './json-text-program.ts'

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d
const INTSET_HEADER = 8
/** The first integer that a JSON number does not hold exactly. */
export const UNSAFE = 2n ** 53n

/** Moves on to what was found, or declines. */
export const next = (at: Variable, found: Expr): Statement[] => [at.is(found), needs(at)]

export type PackedTexts = {
  /** The elements of a listpack. */
  readonly elementsAt: Callable
  /** `field:value`; declines where a field is no text. */
  readonly fieldsAt: Callable
  /** `[member,score]` */
  readonly scoredAt: Callable
  /** The members of an intset. */
  readonly membersAt: Callable
}

/** @param score writes a score from its text: score(at, length, to) */
export function packedTexts(
  program: Program,
  packed: PackedFunctions,
  text: TextFunctions,
  score: Callable,
): PackedTexts {
  const { to, putInteger } = text
  const putByte = put(to)
  const putElement = foundText(program, text, packed)

  const elementsAt = program.fn((f) => {
    const [at, size, count] = [f.param(), f.param(), f.local()]
    return [
      ...next(at, packed.listpackAt(at, size)),
      during(
        at.lt(packed.last),
        ...next(at, packed.elementAt(at)),
        needs(putElement()),
        putByte(COMMA),
        count.add(1),
      ),
      give(packed.isCount(count)),
    ]
  })

  const fieldsAt = program.fn((f) => {
    const [at, size, count] = [f.param(), f.param(), f.local()]
    return [
      ...next(at, packed.listpackAt(at, size)),
      during(
        at.lt(packed.last),
        ...next(at, packed.elementAt(at)),
        when(putElement().ne(IS_TEXT), give(0)),
        putByte(COLON),
        when(at.ge(packed.last), give(0)),
        ...next(at, packed.elementAt(at)),
        needs(putElement()),
        putByte(COMMA),
        count.add(2),
      ),
      give(packed.isCount(count)),
    ]
  })

  const scoredAt = program.fn((f) => {
    const [at, size, count] = [f.param(), f.param(), f.local()]
    return [
      ...next(at, packed.listpackAt(at, size)),
      during(
        at.lt(packed.last),
        putByte(OPEN_LIST),
        ...next(at, packed.elementAt(at)),
        needs(putElement()),
        putByte(COMMA),
        when(at.ge(packed.last), give(0)),
        ...next(at, packed.elementAt(at)),
        either(
          packed.isInteger,
          [when(packed.integer.plus(UNSAFE).ge(2n * UNSAFE), give(0)), needs(putInteger(packed.integer))],
          [...next(to, score(packed.start, packed.length, to))],
        ),
        putByte(CLOSE_LIST),
        putByte(COMMA),
        count.add(2),
      ),
      give(packed.isCount(count)),
    ]
  })

  const membersAt = program.fn((f) => {
    const [at, size, width, end] = [f.param(), f.param(), f.local(), f.local()]
    return [
      needs(packed.intsetCount(at, size)),
      width.is(load32(at)),
      end.is(at.plus(size)),
      at.add(INTSET_HEADER),
      during(
        at.lt(end),
        putByte(QUOTE),
        needs(putInteger(packed.memberAt(at, width))),
        putByte(QUOTE),
        putByte(COMMA),
        at.add(width),
      ),
      give(1),
    ]
  })

  return { elementsAt, fieldsAt, scoredAt, membersAt }
}
