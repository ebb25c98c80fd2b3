/**
 * Streams of a run of records (run-memory.ts), as a function of a program that passes over them.
 *
 * The form is described in streams.ts and stream-nodes.ts; the same is checked here. Numbers that do not fit
 * 32 bits, where they count something, are left to the grammar.
 */
import {
  type Callable,
  during,
  type Expr,
  either,
  give,
  type Program,
  type Statement,
  type Variable,
  when,
} from '../../bytes/wasm.ts'
import { TYPE } from './format.ts'
import type { PackedFunctions } from './run-packed.ts'
import type { StringFunctions } from './run-strings.ts'

const RAW_ID = 16
const TIME = 8
const DELETED = 1
const SAME_FIELDS = 2
/** More of anything in one node is left to the grammar. */
const COUNT_MAX = 1 << 20

/** passStream(at, type): gives the address behind the value and adds its live entries to `items`. */
export function streamFunction(
  program: Program,
  strings: StringFunctions,
  packed: PackedFunctions,
  items: Variable,
): Callable {
  const { limit, length, lengthAt, passAt, holdAt } = strings

  /** Reads a number of the node into `into`. */
  const numberAt = (at: Variable, into: Variable): Statement[] => [
    at.is(packed.elementAt(at)),
    when(at.eq(0).or(packed.isInteger.eq(0)).or(at.gt(packed.last)), give(0)),
    when(packed.integer.lt(COUNT_MAX).eq(0), give(0)),
    into.is(packed.integer.low()),
  ]
  const anyAt = (at: Variable): Statement[] => [at.is(packed.elementAt(at)), when(at.eq(0), give(0))]

  /** A node whose listpack is at[0..size). */
  const node = program.fn((f) => {
    const [at, size] = [f.param(), f.param()]
    const [live, deleted, width, flags, pairs, seen, marked] = Array.from({ length: 7 }, () => f.local())
    const [left, told, elements] = [f.local(), f.local(), f.local()]
    const passElements = (count: Expr): Statement[] => [
      left.is(count),
      elements.add(left),
      during(left.gt(0), ...anyAt(at), left.add(-1)),
    ]
    const passInteger = [...anyAt(at), when(packed.isInteger.eq(0), give(0)), elements.add(1)]
    return [
      at.is(packed.listpackAt(at, size)),
      when(at.eq(0), give(0)),
      ...numberAt(at, live!),
      ...numberAt(at, deleted!),
      ...numberAt(at, width!),
      ...passElements(width!),
      ...numberAt(at, told),
      when(told.ne(0), give(0)),
      elements.add(4),
      seen!.is(0),
      marked!.is(0),
      during(
        seen!.lt(live!.plus(deleted!)),
        ...numberAt(at, flags!),
        ...passInteger,
        ...passInteger,
        elements.add(1),
        either(
          flags!.and(SAME_FIELDS),
          [...passElements(width!), pairs!.is(width!.plus(3))],
          [
            ...numberAt(at, pairs!),
            ...passElements(pairs!.times(2)),
            elements.add(1),
            pairs!.is(pairs!.times(2).plus(4)),
          ],
        ),
        ...numberAt(at, told),
        elements.add(1),
        when(told.ne(pairs!), give(0)),
        when(flags!.and(DELETED), marked!.add(1)),
        seen!.add(1),
      ),
      when(at.ne(packed.last).or(marked!.ne(deleted!)).or(packed.isCount(elements).eq(0)), give(0)),
      items.add(live!),
      give(1),
    ]
  })

  const pass = (at: Variable, operation: Expr): Statement[] => [at.is(operation), when(at.eq(0), give(0))]
  const countAt = (at: Variable, into: Variable): Statement[] => [
    ...pass(at, lengthAt(at)),
    // Each takes a byte at least, so that more than there are bytes cannot be whole.
    when(length.gt(limit.minus(at)), give(0)),
    into.is(length),
  ]
  const skip = (at: Variable, bytes: Expr | number): Statement[] => [
    at.add(bytes),
    when(at.gt(limit), give(0)),
  ]

  const group = program.fn((f) => {
    const [at, type, left, pending] = [f.param(), f.param(), f.local(), f.local()]
    return [
      ...pass(at, passAt(at)),
      ...pass(at, lengthAt(at)),
      ...pass(at, lengthAt(at)),
      when(type.ne(TYPE.STREAM_LISTPACKS), ...pass(at, lengthAt(at))),
      ...countAt(at, left),
      during(left.gt(0), ...skip(at, RAW_ID + TIME), ...pass(at, lengthAt(at)), left.add(-1)),
      ...countAt(at, left),
      during(
        left.gt(0),
        ...pass(at, passAt(at)),
        ...skip(at, TIME),
        when(type.eq(TYPE.STREAM_LISTPACKS_3), ...skip(at, TIME)),
        ...countAt(at, pending),
        ...skip(at, pending.times(RAW_ID)),
        left.add(-1),
      ),
      give(at),
    ]
  })

  return program.fn((f) => {
    const [at, type, left, next] = [f.param(), f.param(), f.local(), f.local()]
    const numbers = (count: number) => Array.from({ length: count }, () => pass(at, lengthAt(at))).flat()
    return [
      ...countAt(at, left),
      during(
        left.gt(0),
        ...pass(at, passAt(at)),
        when(strings.isInteger.or(strings.isCompressed).or(length.ne(RAW_ID)), give(0)),
        ...pass(next, holdAt(at)),
        when(strings.isInteger.or(node(strings.start, length).eq(0)), give(0)),
        at.is(next),
        left.add(-1),
      ),
      // Length and last id; since version 2 the first id, the largest one deleted, and the entries ever added.
      ...numbers(3),
      when(type.ne(TYPE.STREAM_LISTPACKS), ...numbers(5)),
      ...countAt(at, left),
      during(left.gt(0), ...pass(at, group(at, type)), left.add(-1)),
      give(at),
    ]
  })
}
