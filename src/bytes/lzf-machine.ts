/**
 * The inflating loop of LZF once more, for small strings: in WebAssembly, eight bytes at a time.
 *
 *   memory:  input │ slack │ output │ slack        a copy may run over its end by 7 bytes, and is then cut
 *
 * Snapshots hold hundreds of thousands of compressed strings of a few hundred bytes, whose instructions copy
 * about nine bytes each: single bytes make that the dearest part of reading them. Measured on 432,000 such
 * strings, 95 MB inflated: the loop in lzf.ts 134 ms, this 87 ms, the copy to its memory included; a tenth of
 * the time of a whole walk.
 *
 * The format is described in lzf.ts.
 */
import {
  type Callable,
  during,
  either,
  give,
  load8,
  load64,
  loop,
  Program,
  type Statement,
  store8,
  store64,
  when,
} from './wasm.ts'

export const MACHINE_INPUT_MAX = 64 * 1024
export const MACHINE_OUTPUT_MAX = 256 * 1024
const SLACK = 64
/** Far enough from 0 that a reference to before the output is still an address. */
const OUTPUT = MACHINE_INPUT_MAX + SLACK
const PAGES = 6
/** Below this, a loop copies faster than a call. */
const CALL_MIN = 96

type Inflate = (at: number, end: number, to: number, room: number) => number

const makeMachine = assembled()

export class LzfMachine {
  readonly output: Buffer
  readonly #input: Buffer
  readonly #run: Inflate

  constructor() {
    const { memory, run } = makeMachine()
    this.#input = memory.subarray(0, MACHINE_INPUT_MAX)
    this.output = memory.subarray(OUTPUT)
    this.#run = run.inflate
  }

  /** As LzfScratch.inflate, within the two limits. The result is at the beginning of `output`. */
  inflate(input: Buffer, start: number, end: number, size: number): number {
    const packed = end - start
    const own = this.#input
    if (packed < CALL_MIN) for (let i = 0; i < packed; i++) own[i] = input[start + i]!
    else own.set(input.subarray(start, end))
    const wrong = this.#run(0, packed, OUTPUT, OUTPUT + size)
    return wrong < 0 ? -1 : start + wrong
  }
}

function assembled() {
  const program = new Program()
  return program.assemble<{ inflate: Inflate }>(PAGES, { inflate: inflateFunction(program, OUTPUT) })
}

/**
 * inflate(at, end, to, room): -1 when input[at..end) fills output[to..room) exactly, otherwise where it went
 * wrong.
 * @param output where the output begins: no reference goes before it
 */
export function inflateFunction(program: Program, output: number): Callable {
  return program.fn((f) => {
    const [at, end, to, room] = [f.param(), f.param(), f.param(), f.param()]
    const [control, length, from, stop, next] = [f.local(), f.local(), f.local(), f.local(), f.local()]
    const fails = give(at)
    const copyBy = (size: number, copy: Statement) =>
      loop(({ leave }) => [copy, from.add(size), to.add(size), when(to.ge(stop), leave)])
    const copyWords = copyBy(8, store64(to, load64(from)))
    const literals = [
      next.is(at.plus(control).plus(2)),
      stop.is(to.plus(control).plus(1)),
      when(next.gt(end).or(stop.gt(room)), fails),
      from.is(at.plus(1)),
      copyWords,
    ]
    const reference = [
      next.is(at.plus(2)),
      length.is(control.shr(5).plus(2)),
      when(length.eq(9), length.add(load8(at, 1)), next.add(1)),
      from.is(
        to
          .minus(control.and(31).shl(8))
          .minus(load8(next.minus(1)))
          .minus(1),
      ),
      stop.is(to.plus(length)),
      when(next.gt(end).or(stop.gt(room)).or(from.lt(output)), fails),
      either(to.minus(from).lt(8), [copyBy(1, store8(to, load8(from)))], [copyWords]),
    ]
    return [
      during(
        at.lt(end),
        control.is(load8(at)),
        either(control.lt(32), literals, reference),
        to.is(stop),
        at.is(next),
      ),
      when(to.ne(room), fails),
      give(-1),
    ]
  })
}
