/**
 * WebAssembly, written as expressions: for inner loops that JavaScript has no words for or starts too slowly.
 *
 *   const program = new Program()
 *   const square = program.fn((f) => {
 *     const n = f.param()
 *     return [give(n.times(n))]
 *   })
 *   const { memory, run } = program.assemble<{ square(n: number): number }>(1, { square })()
 *
 * An expression is the code that leaves its value on the stack of the machine; a statement is code that leaves
 * nothing, and knows how deep it is nested, because branches count blocks. All arithmetic is unsigned and of
 * 32 bits, or of 64 where an operand is. Nothing is optimised here: V8 does that, and needs no warming up.
 *
 * Source: WebAssembly core specification 1.0, "Binary Format".
 */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object
  Instance: new (module: object, imports: object) => { exports: unknown }
}

/** Bytes of code; nested for blocks and operands. */
type Code = number | readonly Code[]

export const I32 = 0x7f
export const I64 = 0x7e
type Type = typeof I32 | typeof I64

export type Operand = Expr | number | bigint
/** @param depth how many blocks it is inside of */
export type Statement = (depth: number) => Code
/** Of a function: calls it. */
export type Callable = ((...operands: Operand[]) => Expr) & { readonly index: number }

const VOID = 0x40
const END = 0x0b
const UNREACHABLE = 0x00

export class Expr {
  readonly code: Code
  readonly type: Type

  constructor(code: Code, type: Type = I32) {
    this.code = code
    this.type = type
  }

  plus(b: Operand): Expr {
    return this.#with(b, 0x6a, 0x7c)
  }

  minus(b: Operand): Expr {
    return this.#with(b, 0x6b, 0x7d)
  }

  times(b: Operand): Expr {
    return this.#with(b, 0x6c, 0x7e)
  }

  over(b: Operand): Expr {
    return this.#with(b, 0x6e, 0x80)
  }

  rest(b: Operand): Expr {
    return this.#with(b, 0x70, 0x82)
  }

  and(b: Operand): Expr {
    return this.#with(b, 0x71, 0x83)
  }

  or(b: Operand): Expr {
    return this.#with(b, 0x72, 0x84)
  }

  xor(b: Operand): Expr {
    return this.#with(b, 0x73, 0x85)
  }

  shl(b: Operand): Expr {
    return this.#with(b, 0x74, 0x86)
  }

  shr(b: Operand): Expr {
    return this.#with(b, 0x76, 0x88)
  }

  /** To the right, with the sign. */
  sar(b: Operand): Expr {
    return this.#with(b, 0x75, 0x87)
  }

  eq(b: Operand): Expr {
    return this.#with(b, 0x46, 0x51, I32)
  }

  ne(b: Operand): Expr {
    return this.#with(b, 0x47, 0x52, I32)
  }

  lt(b: Operand): Expr {
    return this.#with(b, 0x49, 0x54, I32)
  }

  gt(b: Operand): Expr {
    return this.#with(b, 0x4b, 0x56, I32)
  }

  le(b: Operand): Expr {
    return this.#with(b, 0x4d, 0x58, I32)
  }

  ge(b: Operand): Expr {
    return this.#with(b, 0x4f, 0x5a, I32)
  }

  /** Of signed numbers. */
  below(b: Operand): Expr {
    return this.#with(b, 0x48, 0x53, I32)
  }

  /** Zeros below the lowest bit that is set. */
  trailingZeros(): Expr {
    return new Expr([this.code, this.type === I32 ? 0x68 : 0x7a], this.type)
  }

  /** The lower half of 64 bits. */
  low(): Expr {
    return new Expr([this.code, 0xa7])
  }

  /** As 64 bits, with the sign of 32. */
  wide(): Expr {
    return new Expr([this.code, 0xac], I64)
  }

  #with(b: Operand, narrow: number, wide: number, type = this.type): Expr {
    return new Expr([this.code, operandCode(b, this.type), this.type === I32 ? narrow : wide], type)
  }
}

/** A local or global variable. */
export class Variable extends Expr {
  readonly #write: Code

  constructor(read: Code, write: Code, type: Type) {
    super(read, type)
    this.#write = write
  }

  is(value: Operand): Statement {
    return () => [operandCode(value, this.type), this.#write]
  }

  add(value: Operand): Statement {
    return this.is(this.plus(value))
  }
}

function operandCode(operand: Operand, type: Type): Code {
  if (operand instanceof Expr) return operand.code
  return type === I32 ? [0x41, signed(BigInt(Number(operand) | 0))] : [0x42, signed(BigInt(operand))]
}

export function constant(value: number): Expr {
  return new Expr(operandCode(value, I32))
}

/** Loads take the address and add `offset`; no alignment is assumed. */
const load =
  (code: number, type: Type) =>
  (at: Operand, offset = 0) =>
    new Expr([operandCode(at, I32), code, 0, unsigned(offset)], type)
export const load8 = load(0x2d, I32)
export const load16 = load(0x2f, I32)
export const load32 = load(0x28, I32)
export const load64 = load(0x29, I64)
/** Signed, as 64 bits. */
export const load8Signed = load(0x30, I64)
export const load16Signed = load(0x32, I64)
export const load32Signed = load(0x34, I64)

const store =
  (code: number, type: Type) =>
  (at: Operand, value: Operand, offset = 0): Statement =>
  () => [operandCode(at, I32), operandCode(value, type), code, 0, unsigned(offset)]
export const store8 = store(0x3a, I32)
export const store16 = store(0x3b, I32)
export const store32 = store(0x36, I32)
export const store64 = store(0x37, I64)

/** Returns from the function. */
export const give =
  (value: Operand, type: Type = I32): Statement =>
  () => [operandCode(value, type), 0x0f]

export const when =
  (condition: Expr, ...body: Statement[]): Statement =>
  (depth) => [condition.code, 0x04, VOID, all(body, depth + 1), END]

export const either =
  (condition: Expr, then: Statement[], otherwise: Statement[]): Statement =>
  (depth) => [condition.code, 0x04, VOID, all(then, depth + 1), 0x05, all(otherwise, depth + 1), END]

/** Runs the body again and again, until it leaves. */
export function loop(body: (here: { again: Statement; leave: Statement }) => Statement[]): Statement {
  return (depth) => {
    const inside = depth + 2
    const again: Statement = (at) => [0x0c, unsigned(at - inside)]
    const leave: Statement = (at) => [0x0c, unsigned(at - inside + 1)]
    return [0x02, VOID, 0x03, VOID, all(body({ again, leave }), inside), again(inside), END, END]
  }
}

export function during(condition: Expr, ...body: Statement[]): Statement {
  return loop(({ leave }) => [either(condition, [], [leave]), ...body])
}

const all = (body: readonly Statement[], depth: number): Code => body.map((statement) => statement(depth))

/** Where a function declares its variables. */
export class FunctionScope {
  readonly params: Type[] = []
  readonly locals: Type[] = []

  /** All parameters come before the first local. */
  param(type: Type = I32): Variable {
    return variable(this.params.push(type) - 1, type)
  }

  local(type: Type = I32): Variable {
    return variable(this.params.length + this.locals.push(type) - 1, type)
  }
}

function variable(index: number, type: Type): Variable {
  return new Variable([0x20, unsigned(index)], [0x21, unsigned(index)], type)
}

export type Machine<F> = { readonly memory: Buffer; readonly run: F }

export class Program {
  readonly #types: Code[] = []
  readonly #imports: Code[] = []
  readonly #bodies: Code[] = []
  readonly #globals: Code[] = []

  /** A function that JavaScript lends, of 32-bit numbers; to be declared before any other. */
  lent(name: string, params: number): Callable {
    this.#imports.push([named('lent'), named(name), 0x00, unsigned(this.#types.length)])
    return this.#callable(
      Array.from({ length: params }, () => I32),
      I32,
    )
  }

  /** A variable of the whole program, 0 at first. */
  global(type: Type = I32): Variable {
    const index = this.#globals.push([type, 1, operandCode(0, type), END]) - 1
    return new Variable([0x23, unsigned(index)], [0x24, unsigned(index)], type)
  }

  /** A function, every path through which gives a value. */
  fn(define: (scope: FunctionScope) => Statement[], result: Type = I32): Callable {
    const scope = new FunctionScope()
    const body = all(define(scope), 0)
    const code = bytesOf([vector(scope.locals.map((type) => [1, type])), body, UNREACHABLE, END])
    this.#bodies.push([unsigned(code.length), code])
    return this.#callable(scope.params, result)
  }

  /** Assembles once. Each call makes a machine of its own: memory that never grows, and the functions. */
  assemble<F>(pages: number, functions: Readonly<Record<keyof F & string, Callable>>) {
    const exports = Object.entries<Callable>(functions).map(([name, { index }]) => [
      named(name),
      0,
      unsigned(index),
    ])
    const types = this.#types.map((_, index) => unsigned(index))
    const bytes = bytesOf([
      [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      section(1, vector(this.#types)),
      section(2, vector(this.#imports)),
      section(3, vector(types.slice(this.#imports.length))),
      section(5, vector([[0x01, unsigned(pages), unsigned(pages)]])),
      section(6, vector(this.#globals)),
      section(7, vector([[named('memory'), 2, 0], ...exports])),
      section(10, vector(this.#bodies)),
    ])
    const module = new WebAssembly.Module(Uint8Array.from(bytes))
    return (lent: Readonly<Record<string, (...values: number[]) => number>> = {}): Machine<F> => {
      const { exports: run } = new WebAssembly.Instance(module, { lent })
      const { memory } = run as { memory: { buffer: ArrayBuffer } }
      return { memory: Buffer.from(memory.buffer), run: run as F }
    }
  }

  #callable(params: readonly Type[], result: Type): Callable {
    const index = this.#types.push([0x60, vector(params), vector([result])]) - 1
    const call = (...operands: Operand[]) => {
      const values = params.map((type, i) => operandCode(operands[i]!, type))
      return new Expr([values, 0x10, unsigned(index)], result)
    }
    return Object.assign(call, { index })
  }
}

function section(id: number, content: Code): Code {
  const bytes = bytesOf([content])
  return [id, unsigned(bytes.length), bytes]
}

function vector(items: readonly Code[]): Code {
  return [unsigned(items.length), items]
}

function named(name: string): Code {
  return vector([...Buffer.from(name)])
}

function bytesOf(code: Code): number[] {
  const bytes: number[] = []
  const put = (part: Code): void => {
    if (typeof part === 'number') bytes.push(part)
    else for (const inner of part) put(inner)
  }
  put(code)
  return bytes
}

/** LEB128. */
function unsigned(value: number): Code {
  const bytes: number[] = []
  let left = value
  for (; left > 127; left >>>= 7) bytes.push((left & 127) | 128)
  return [...bytes, left]
}

function signed(value: bigint): Code {
  const bytes: number[] = []
  let left = value
  for (; left < -64n || left > 63n; left >>= 7n) bytes.push(Number(left & 127n) | 128)
  return [...bytes, Number(left & 127n)]
}
