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
import * as wasm from './wasm.ts'

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
    this.#run = run
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

/** The function: -1 when input[at..end) fills output[to..room) exactly, otherwise where it went wrong. */
function assembled(): () => wasm.Machine<Inflate> {
  const { get, set, i32, load8, load64, store8, store64, block, branch, branchIf, loop, when } = wasm
  const [at, end, to, room, control, length, from, stop, next] = [0, 1, 2, 3, 4, 5, 6, 7, 8] as const
  const fails = [get(at), wasm.RETURN]
  const copyWords = loop(
    [get(to), get(from), load64(0), store64(0)],
    [get(from), i32(8), wasm.I32_ADD, set(from)],
    [get(to), i32(8), wasm.I32_ADD, wasm.tee(to), get(stop), wasm.I32_LT_U, branchIf(0)],
  )
  const copyBytes = loop(
    [get(to), get(from), load8(0), store8(0)],
    [get(from), i32(1), wasm.I32_ADD, set(from)],
    [get(to), i32(1), wasm.I32_ADD, wasm.tee(to), get(stop), wasm.I32_LT_U, branchIf(0)],
  )
  const literals = block(
    [get(control), i32(32), wasm.I32_GE_U, branchIf(0)],
    [get(at), get(control), wasm.I32_ADD, i32(2), wasm.I32_ADD, set(next)],
    [get(to), get(control), wasm.I32_ADD, i32(1), wasm.I32_ADD, set(stop)],
    [get(next), get(end), wasm.I32_GT_U, get(stop), get(room), wasm.I32_GT_U, wasm.I32_OR, when(...fails)],
    [get(at), i32(1), wasm.I32_ADD, set(from)],
    copyWords,
    [get(stop), set(to), get(next), set(at), branch(1)],
  )
  const reference = [
    [get(at), i32(2), wasm.I32_ADD, set(next)],
    [get(control), i32(5), wasm.I32_SHR_U, i32(2), wasm.I32_ADD, wasm.tee(length)],
    [i32(9), wasm.I32_SUB, wasm.I32_EQZ],
    when(
      [get(length), get(at), load8(1), wasm.I32_ADD, set(length)],
      [get(next), i32(1), wasm.I32_ADD, set(next)],
    ),
    [get(to), get(control), i32(31), wasm.I32_AND, i32(8), wasm.I32_SHL, wasm.I32_SUB],
    [get(next), i32(1), wasm.I32_SUB, load8(0), wasm.I32_SUB, i32(1), wasm.I32_SUB, set(from)],
    [get(to), get(length), wasm.I32_ADD, set(stop)],
    [get(next), get(end), wasm.I32_GT_U, get(stop), get(room), wasm.I32_GT_U, wasm.I32_OR],
    [get(from), i32(OUTPUT), wasm.I32_LT_U, wasm.I32_OR, when(...fails)],
    block(
      block([get(to), get(from), wasm.I32_SUB, i32(8), wasm.I32_LT_U, branchIf(0)], copyWords, branch(1)),
      copyBytes,
    ),
    [get(stop), set(to), get(next), set(at), branch(0)],
  ]
  return wasm.assemble<Inflate>({
    pages: PAGES,
    params: [wasm.I32, wasm.I32, wasm.I32, wasm.I32],
    result: wasm.I32,
    locals: [wasm.I32, wasm.I32, wasm.I32, wasm.I32, wasm.I32],
    body: [
      block(
        loop(
          [get(at), get(end), wasm.I32_GE_U, branchIf(1)],
          [get(at), load8(0), set(control)],
          literals,
          reference,
        ),
      ),
      [get(to), get(room), wasm.I32_SUB, when(...fails)],
      i32(-1),
    ],
  })
}
