/**
 * A few WebAssembly instructions, for the two inner loops that want 64-bit words, which JavaScript has not.
 *
 *   const machine = assemble({ pages: 1, params: [I32, I32], result: I32, locals: [], body: [ … ] })
 *   const { memory, run } = machine()
 *
 * The body is the function in the order of the machine: operands first, then what is done to them, as
 * `get(0), get(1), I32_ADD`. Nothing is parsed or optimised; this file only knows how to write numbers and
 * sections. One memory, one function, no imports: what is in there can be read in one sitting.
 *
 * Source: WebAssembly core specification 1.0, "Binary Format".
 */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object
  Instance: new (module: object) => { exports: unknown }
}

/** Bytes of the function's code; nested for blocks and loops. */
export type Code = number | readonly Code[]

export const I32 = 0x7f
export const I64 = 0x7e

export const I32_EQZ = 0x45
export const I32_LT_U = 0x49
export const I32_GT_U = 0x4b
export const I32_GE_U = 0x4f
export const I32_ADD = 0x6a
export const I32_SUB = 0x6b
export const I32_AND = 0x71
export const I32_OR = 0x72
export const I32_SHL = 0x74
export const I32_SHR_U = 0x76
export const I64_XOR = 0x85
export const I64_SHL = 0x86
export const I64_SHR_U = 0x88
export const I32_WRAP_I64 = 0xa7

const VOID = 0x40
const END = 0x0b

export const get = (local: number): Code => [0x20, local]
export const set = (local: number): Code => [0x21, local]
export const tee = (local: number): Code => [0x22, local]
export const i32 = (value: number): Code => [0x41, signed(value)]
export const i64 = (value: number): Code => [0x42, signed(value)]
/** Loads and stores take the address from the stack and add `offset`; no alignment is assumed. */
export const load8 = (offset: number): Code => [0x2d, 0, unsigned(offset)]
export const store8 = (offset: number): Code => [0x3a, 0, unsigned(offset)]
export const load64 = (offset: number): Code => [0x29, 0, unsigned(offset)]
export const store64 = (offset: number): Code => [0x37, 0, unsigned(offset)]
export const block = (...body: Code[]): Code => [0x02, VOID, body, END]
export const loop = (...body: Code[]): Code => [0x03, VOID, body, END]
export const when = (...body: Code[]): Code => [0x04, VOID, body, END]
/** Leaves so many blocks, or begins a loop again. */
export const branch = (depth: number): Code => [0x0c, depth]
export const branchIf = (depth: number): Code => [0x0d, depth]
export const RETURN = 0x0f

export type Machine<F> = { readonly memory: Buffer; readonly run: F }

/**
 * Assembles the function once. Each call makes a machine of its own: memory that never grows, and the
 * function.
 */
export function assemble<F>(parts: {
  pages: number
  params: readonly number[]
  result: number
  locals: readonly number[]
  body: readonly Code[]
}): () => Machine<F> {
  const { pages, params, result, locals, body } = parts
  const code = bytesOf([vector(locals.map((type) => [1, type])), body, END])
  const bytes = bytesOf([
    [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    section(1, vector([[0x60, vector(params), vector([result])]])),
    section(3, vector([0])),
    section(5, vector([[0x01, unsigned(pages), unsigned(pages)]])),
    section(7, vector([exported('memory', 2), exported('run', 0)])),
    section(10, vector([[unsigned(code.length), code]])),
  ])
  const module = new WebAssembly.Module(Uint8Array.from(bytes))
  return () => {
    const { memory, run } = new WebAssembly.Instance(module).exports as Exports<F>
    return { memory: Buffer.from(memory.buffer), run }
  }
}

type Exports<F> = { memory: { buffer: ArrayBuffer }; run: F }

function section(id: number, content: Code): Code {
  const bytes = bytesOf([content])
  return [id, unsigned(bytes.length), bytes]
}

function vector(items: readonly Code[]): Code {
  return [unsigned(items.length), items]
}

function exported(name: string, kind: number): Code {
  return [vector([...Buffer.from(name)]), kind, 0]
}

function bytesOf(code: readonly Code[]): number[] {
  return (code as readonly unknown[]).flat(Number.POSITIVE_INFINITY) as number[]
}

/** LEB128. */
function unsigned(value: number): Code {
  const bytes: number[] = []
  let left = value
  for (; left > 127; left >>>= 7) bytes.push((left & 127) | 128)
  return [...bytes, left]
}

function signed(value: number): Code {
  const bytes: number[] = []
  let left = value
  for (; left < -64 || left > 63; left >>= 7) bytes.push((left & 127) | 128)
  return [...bytes, left & 127]
}
