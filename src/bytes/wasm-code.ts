/**
 * The code of a WebAssembly function, written as expressions and statements (wasm.ts makes a program of them).
 *
 *   when(n.lt(2), give(1))          if (n < 2) return 1
 *   during(at.lt(end), at.add(1))   while (at < end) at += 1
 *
 * An expression is the code that leaves its value on the stack of the machine; a statement is code that leaves
 * nothing, and knows how deep it is nested, because branches count blocks. All arithmetic is unsigned and of
 * 32 bits, or of 64 where the left operand is.
 *
 * Source: WebAssembly core specification 1.0, "Binary Format".
 */
/** Bytes of code; nested for blocks and operands. */
export type Code = number | readonly Code[]

export const I32 = 0x7f
export const I64 = 0x7e
export type Type = typeof I32 | typeof I64

export type Operand = Expr | number | bigint
/** @param depth how many blocks it is inside of */
export type Statement = (depth: number) => Code
/** Of a function: calls it. */
export type Callable = ((...operands: Operand[]) => Expr) & { readonly index: number }

const VOID = 0x40
export const END = 0x0b

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

export function operandCode(operand: Operand, type: Type): Code {
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

export const all = (body: readonly Statement[], depth: number): Code =>
  body.map((statement) => statement(depth))

/** LEB128. */
export function unsigned(value: number): Code {
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
