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
 * This file writes functions, variables and sections; wasm-code.ts what is in a function. Nothing is optimised:
 * V8 does that, and needs no warming up.
 *
 * Source: WebAssembly core specification 1.0, "Binary Format".
 */
import {
  all,
  type Callable,
  type Code,
  END,
  Expr,
  I32,
  type Operand,
  operandCode,
  type Statement,
  type Type,
  unsigned,
  Variable,
} from './wasm-code.ts'

export * from './wasm-code.ts'

declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object
  Instance: new (module: object, imports: object) => { exports: unknown }
}

const UNREACHABLE = 0x00

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
