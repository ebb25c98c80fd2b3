/**
 * What stands before the type byte of a record, as a function of a program: expiry, idle time and access
 * counter. The opcodes are described in opcodes.ts; others are left to the grammar.
 */
import { type Callable, give, load8, loop, type Program, type Variable, when } from '../../bytes/wasm.ts'
import { OPCODE } from './format.ts'
import type { StringFunctions } from './run-strings.ts'

const TIME = 8

export type AttributeFunctions = {
  /** Where the expiry is, eight bytes of milliseconds; 0: there is none. */
  readonly expiryAt: Variable
  /** -1: not told. */
  readonly idle: Variable
  readonly freq: Variable
  /** Gives the address of the type byte; 0 where that is not whole or not ordinary. */
  readonly attributesAt: Callable
}

export function attributeFunction(program: Program, strings: StringFunctions): AttributeFunctions {
  const { limit, length, lengthAt } = strings
  const [expiryAt, idle, freq] = [program.global(), program.global(), program.global()]
  const attributesAt = program.fn((f) => {
    const [at, lead] = [f.param(), f.local()]
    return [
      expiryAt.is(0),
      idle.is(-1),
      freq.is(-1),
      loop(({ again }) => [
        // The longest of them, and something behind it.
        when(at.plus(1 + TIME).ge(limit), give(0)),
        lead.is(load8(at)),
        when(lead.eq(OPCODE.EXPIRE_MS), expiryAt.is(at.plus(1)), at.add(1 + TIME), again),
        when(lead.eq(OPCODE.FREQ), freq.is(load8(at, 1)), at.add(2), again),
        when(
          lead.eq(OPCODE.IDLE),
          at.is(lengthAt(at.plus(1))),
          when(at.eq(0).or(length.shr(31)), give(0)),
          idle.is(length),
          again,
        ),
        give(at),
      ]),
    ]
  })
  return { expiryAt, idle, freq, attributesAt }
}
