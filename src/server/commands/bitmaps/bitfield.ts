/**
 * BITFIELD: a string as an array of integers of any width.
 *
 *   BITFIELD key [GET i8 #0] [OVERFLOW WRAP|SAT|FAIL] [SET u4 12 3] [INCRBY i16 100 1] …
 *
 * All operations are read before one is carried out. What does not fit is wrapped, saturated or refused
 * (a null in its place), as the last OVERFLOW before it says.
 *
 * Source: redis 7.0 `src/bitops.c`, bitfieldGeneric.
 */
import type { ByteString } from '../../../bytes/byte-string.ts'
import { bigintArgument, smallInteger, word } from '../../arguments.ts'
import type { Call } from '../../call.ts'
import { readField, writeField } from '../../dataset/bits.ts'
import { Refusal, type Reply, SYNTAX } from '../../replies.ts'
import { bitOffset, editBits } from './bit-offset.ts'

const INT64_MAX = 2n ** 63n - 1n

type Overflow = 'WRAP' | 'SAT' | 'FAIL'
type FieldType = { readonly isSigned: boolean; readonly width: number }
type Operation = FieldType & { readonly at: number } & (
    | { readonly kind: 'GET' }
    | { readonly kind: 'SET' | 'INCRBY'; readonly value: bigint; readonly overflow: Overflow }
  )

export function bitfield(call: Call): Reply {
  const operations = operationsOf(call)
  const last = lastWritten(operations)
  return last < 0 ? readAll(call, operations) : writeAll(call, operations, last)
}

export function bitfieldRo(call: Call): Reply {
  const operations = operationsOf(call)
  if (lastWritten(operations) >= 0) throw new Refusal('ERR BITFIELD_RO only supports the GET subcommand')
  return readAll(call, operations)
}

function operationsOf(call: Call): Operation[] {
  const { argv } = call
  const operations: Operation[] = []
  let overflow: Overflow = 'WRAP'
  for (let i = 2; i < argv.length; ) {
    const kind = word(argv[i]!)
    const left = argv.length - i - 1
    if (kind === 'OVERFLOW' && left >= 1) {
      overflow = overflowOf(argv[i + 1]!)
      i += 2
    } else if (kind === 'GET' && left >= 2) {
      const type = fieldType(argv[i + 1]!)
      operations.push({ ...type, kind, at: bitOffset(call, argv[i + 2]!, type.width) })
      i += 3
    } else if ((kind === 'SET' || kind === 'INCRBY') && left >= 3) {
      const type = fieldType(argv[i + 1]!)
      const at = bitOffset(call, argv[i + 2]!, type.width)
      operations.push({ ...type, kind, at, value: bigintArgument(argv[i + 3]!), overflow })
      i += 4
    } else throw new Refusal(SYNTAX)
  }
  return operations
}

/** The last bit that is written to, -1 if none is. */
function lastWritten(operations: readonly Operation[]): number {
  return operations.reduce(
    (last, { kind, at, width }) => (kind === 'GET' ? last : Math.max(last, at + width - 1)),
    -1,
  )
}

function readAll(call: Call, operations: readonly Operation[]): Reply {
  const bytes = call.find(call.argv[1]!, 'string')?.bytes ?? Buffer.alloc(0)
  return operations.map((operation) => read(bytes, operation))
}

function writeAll(call: Call, operations: readonly Operation[], last: number): Reply {
  const key = call.argv[1]!
  const { bytes, hasGrown } = editBits(call, key, last)
  let changes = 0
  const replies = operations.map((operation) => {
    const old = read(bytes, operation)
    if (operation.kind === 'GET') return old
    const { kind, width, at, value, overflow } = operation
    const wanted = kind === 'SET' ? asField(value, operation) : old + value
    const fitting = fitted(wanted, operation, overflow)
    if (fitting === undefined) return null
    writeField(bytes, at, width, fitting)
    if (hasGrown || fitting !== old) changes++
    return kind === 'SET' ? old : fitting
  })
  if (changes > 0) {
    call.modified(key, changes)
    call.notify('$', 'setbit', key)
  }
  return replies
}

function read(bytes: Buffer, { isSigned, width, at }: Operation): bigint {
  const value = readField(bytes, at, width)
  return isSigned ? BigInt.asIntN(width, value) : value
}

/**
 * What SET is given as Redis compares it with the field's limits, in 64 bits: for an unsigned field -1 is too
 * large, and for a signed one so is what lies too far below for the distance to be told.
 */
function asField(value: bigint, { isSigned, width }: FieldType): bigint {
  if (!isSigned) return BigInt.asUintN(64, value)
  const distance = (1n << BigInt(width - 1)) - 1n - value
  return width < 64 && distance > INT64_MAX ? value + 2n ** 64n : value
}

/** The value that a field takes in place of `value`; undefined: it refuses. */
function fitted(value: bigint, { isSigned, width }: FieldType, overflow: Overflow): bigint | undefined {
  const max = (1n << BigInt(isSigned ? width - 1 : width)) - 1n
  const min = isSigned ? -max - 1n : 0n
  if (value >= min && value <= max) return value
  if (overflow === 'FAIL') return undefined
  if (overflow === 'SAT') return value > max ? max : min
  return isSigned ? BigInt.asIntN(width, value) : BigInt.asUintN(width, value)
}

function overflowOf(text: ByteString): Overflow {
  const name = word(text)
  if (name === 'WRAP' || name === 'SAT' || name === 'FAIL') return name
  throw new Refusal('ERR Invalid OVERFLOW type specified')
}

function fieldType(text: ByteString): FieldType {
  const isSigned = text.startsWith('i')
  const width = smallInteger(text.slice(1)) ?? 0
  if (!(isSigned || text.startsWith('u')) || width < 1 || width > (isSigned ? 64 : 63)) {
    throw new Refusal(
      'ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.',
    )
  }
  return { isSigned, width }
}
