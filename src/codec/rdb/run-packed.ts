/**
 * Packed values of a run of records (run-memory.ts), as functions of a program: listpacks and intsets.
 *
 * The forms are described in codec/packed; what is accepted here is what is accepted there, except for
 * elements longer than 16 KiB, which are left to it. Everything gives 0 where it declines.
 */
import {
  type Callable,
  during,
  either,
  give,
  I64,
  load8,
  load8Signed,
  load16,
  load16Signed,
  load32,
  load32Signed,
  load64,
  type Program,
  type Variable,
  when,
} from '../../bytes/wasm.ts'

const LISTPACK_HEADER = 6
const COUNT_UNKNOWN = 0xffff
const TERMINATOR = 0xff
const INTSET_HEADER = 8
/** Up to this size of an element, its backlen has one byte or two. */
const BACKLEN_2 = 16383

export type PackedFunctions = {
  /** Where the terminator of the listpack is, and how many elements it says it has. */
  readonly last: Variable
  /** The element that elementAt() found is an integer (1), or the bytes at `start` (0). */
  readonly isInteger: Variable
  readonly integer: Variable
  readonly start: Variable
  readonly length: Variable
  /** listpackAt(at, size): checks the frame of a listpack. Gives the address of its first element. */
  readonly listpackAt: Callable
  readonly elementAt: Callable
  /** isCount(elements): whether so many are what the frame says. */
  readonly isCount: Callable
  /** listpackCount(at, size): checks all elements. Gives one more than their number. */
  readonly listpackCount: Callable
  /** intsetCount(at, size): the same. */
  readonly intsetCount: Callable
  /** memberAt(at, width): an integer of an intset, as 64 bits. */
  readonly memberAt: Callable
}

export function packedFunctions(program: Program): PackedFunctions {
  const [last, isInteger, integer] = [program.global(), program.global(), program.global(I64)]
  const [start, length, expected] = [program.global(), program.global(), program.global()]

  const listpackAt = program.fn((f) => {
    const [at, size] = [f.param(), f.param()]
    return [
      when(size.le(LISTPACK_HEADER), give(0)),
      last.is(at.plus(size).minus(1)),
      when(load32(at).ne(size).or(load8(last).ne(TERMINATOR)), give(0)),
      expected.is(load16(at, 4)),
      give(at.plus(LISTPACK_HEADER)),
    ]
  })

  const isCount = program.fn((f) => {
    const elements = f.param()
    return [give(expected.eq(COUNT_UNKNOWN).or(expected.eq(elements)))]
  })

  const backlenAt = program.fn((f) => {
    const [at, size] = [f.param(), f.param()]
    return [
      when(size.lt(128), when(load8(at).ne(size), give(0)), give(at.plus(1))),
      when(size.ge(BACKLEN_2), give(0)),
      when(load16(at).ne(size.shr(7).or(size.and(127).or(128).shl(8))), give(0)),
      give(at.plus(2)),
    ]
  })

  const elementAt = program.fn((f) => {
    const [at, lead, head] = [f.param(), f.local(), f.local()]
    const text = (bytes: number) => [start.is(at.plus(bytes)), isInteger.is(0)]
    return [
      lead.is(load8(at)),
      isInteger.is(1),
      length.is(0),
      either(
        lead.lt(0x80),
        [head.is(1), integer.is(load8Signed(at))],
        [
          either(
            lead.lt(0xc0),
            [head.is(1), length.is(lead.and(63)), ...text(1)],
            [
              either(
                lead.lt(0xf0),
                [
                  head.is(2),
                  either(
                    lead.lt(0xe0),
                    // Thirteen bits with a sign: moved to the top of 32 and back.
                    [integer.is(lead.shl(8).or(load8(at, 1)).shl(19).sar(19).wide())],
                    [length.is(lead.and(15).shl(8).or(load8(at, 1))), ...text(2)],
                  ),
                ],
                [
                  when(lead.eq(0xf0), head.is(5), length.is(load32(at, 1)), ...text(5)),
                  when(lead.eq(0xf1), head.is(3), integer.is(load16Signed(at, 1))),
                  // Twenty-four bits: with the byte before them, which is shifted out.
                  when(lead.eq(0xf2), head.is(4), integer.is(load32Signed(at).sar(8))),
                  when(lead.eq(0xf3), head.is(5), integer.is(load32Signed(at, 1))),
                  when(lead.eq(0xf4), head.is(9), integer.is(load64(at, 1))),
                  when(lead.gt(0xf4), give(0)),
                ],
              ),
            ],
          ),
        ],
      ),
      when(length.gt(BACKLEN_2), give(0)),
      head.add(length),
      at.is(backlenAt(at.plus(head), head)),
      when(at.gt(last), give(0)),
      give(at),
    ]
  })

  const listpackCount = program.fn((f) => {
    const [at, size, count] = [f.param(), f.param(), f.local()]
    return [
      at.is(listpackAt(at, size)),
      when(at.eq(0), give(0)),
      during(at.lt(last), at.is(elementAt(at)), when(at.eq(0), give(0)), count.add(1)),
      when(isCount(count).eq(0), give(0)),
      give(count.plus(1)),
    ]
  })

  const memberAt = program.fn((f) => {
    const [at, width] = [f.param(), f.param()]
    return [
      when(width.eq(2), give(load16Signed(at), I64)),
      when(width.eq(4), give(load32Signed(at), I64)),
      give(load64(at), I64),
    ]
  }, I64)

  const intsetCount = program.fn((f) => {
    const [at, size] = [f.param(), f.param()]
    const [width, count, end] = [f.local(), f.local(), f.local()]
    const [before, member] = [f.local(I64), f.local(I64)]
    return [
      when(size.lt(INTSET_HEADER), give(0)),
      width.is(load32(at)),
      when(width.ne(2).and(width.ne(4)).and(width.ne(8)), give(0)),
      count.is(load32(at, 4)),
      when(count.gt(size).or(count.times(width).plus(INTSET_HEADER).ne(size)), give(0)),
      end.is(at.plus(size)),
      at.add(INTSET_HEADER),
      when(at.eq(end), give(1)),
      before.is(memberAt(at, width)),
      at.add(width),
      during(
        at.lt(end),
        member.is(memberAt(at, width)),
        when(before.below(member).eq(0), give(0)),
        before.is(member),
        at.add(width),
      ),
      give(count.plus(1)),
    ]
  })

  return {
    last,
    isInteger,
    integer,
    start,
    length,
    listpackAt,
    elementAt,
    isCount,
    listpackCount,
    intsetCount,
    memberAt,
  }
}
