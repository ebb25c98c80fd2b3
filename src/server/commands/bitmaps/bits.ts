/**
 * SETBIT, GETBIT, BITCOUNT, BITPOS, BITOP.
 *
 * Ranges count bytes, or bits where BIT is said; both ends are included, negative ones count from the end.
 *
 * Source: redis 7.0 `src/bitops.c`.
 */
import { type ByteString, toBytes } from '../../../bytes/byte-string.ts'
import { integerArgument, word } from '../../arguments.ts'
import type { Call } from '../../call.ts'
import { type BitOperation, countOnes, findBit, joinBits } from '../../dataset/bits.ts'
import { StringValue } from '../../dataset/string-value.ts'
import { Refusal, type Reply, SYNTAX } from '../../replies.ts'
import { bitOffset, editBits } from './bit-offset.ts'

const NOT_A_BIT = 'ERR bit is not an integer or out of range'

export function setbit(call: Call): Reply {
  const [, key, at, text] = call.argv as [ByteString, ByteString, ByteString, ByteString]
  const offset = bitOffset(call, at)
  const bit = integerArgument(text, NOT_A_BIT)
  if (bit !== 0 && bit !== 1) throw new Refusal(NOT_A_BIT)
  const { bytes, hasGrown } = editBits(call, key, offset)
  const [index, mask] = [Math.floor(offset / 8), 0x80 >> (offset % 8)]
  const old = (bytes[index]! & mask) === 0 ? 0 : 1
  if (hasGrown || old !== bit) {
    bytes[index]! ^= old === bit ? 0 : mask
    call.modified(key)
    call.notify('$', 'setbit', key)
  }
  return old
}

export function getbit(call: Call): Reply {
  const offset = bitOffset(call, call.argv[2]!)
  const value = call.find(call.argv[1]!, 'string')
  return (((value?.byteAt(Math.floor(offset / 8)) ?? 0) << (offset % 8)) & 0x80) >> 7
}

/** BITCOUNT key [start end [BYTE|BIT]] */
export function bitcount(call: Call): Reply {
  const { argv } = call
  const value = call.find(argv[1]!, 'string')
  if (value === undefined) return 0
  if (argv.length === 3 || argv.length > 5) throw new Refusal(SYNTAX)
  const start = integerArgument(argv[2] ?? '0')
  const end = integerArgument(argv[3] ?? '-1')
  // Redis answers this before it reads the unit.
  if (start < 0 && end < 0 && start > end) return 0
  const range = bitRange(start, end, isInBits(argv[4]), value.length)
  return range === undefined ? 0 : countOnes(value.bytes, range.first, range.last)
}

/** BITPOS key bit [start [end [BYTE|BIT]]] */
export function bitpos(call: Call): Reply {
  const { argv } = call
  const bit = integerArgument(argv[2]!)
  if (bit !== 0 && bit !== 1) throw new Refusal('ERR The bit argument must be 1 or 0.')
  const value = call.find(argv[1]!, 'string')
  if (value === undefined) return bit === 1 ? -1 : 0
  if (argv.length > 6) throw new Refusal(SYNTAX)
  const start = integerArgument(argv[3] ?? '0')
  const inBits = isInBits(argv[5])
  const end = integerArgument(argv[4] ?? '-1')
  const range = bitRange(start, end, inBits, value.length)
  if (range === undefined) return -1
  const found = findBit(value.bytes, bit, range.first, range.last)
  // Without an end, zeros go on behind the string for ever.
  return found < 0 && bit === 0 && argv.length < 5 ? range.last + 1 : found
}

/** BITOP AND|OR|XOR|NOT destination key [key …] */
export function bitop(call: Call): Reply {
  const [, name, destination, ...keys] = call.argv as [ByteString, ByteString, ByteString, ...ByteString[]]
  const operation = bitOperation(name)
  if (operation === 'NOT' && keys.length !== 1) {
    throw new Refusal('ERR BITOP NOT must be called with a single source key.')
  }
  const joined = joinBits(
    operation,
    keys.map((key) => call.find(key, 'string')?.bytes ?? EMPTY),
  )
  if (joined.length > 0) {
    call.put(destination, new StringValue(joined, 'raw'))
    call.modified(destination)
    call.notify('$', 'set', destination)
  } else if (call.remove(destination)) call.notify('g', 'del', destination)
  return joined.length
}

const EMPTY = toBytes('' as ByteString)

function bitOperation(text: ByteString): BitOperation {
  const name = word(text)
  if (name === 'AND' || name === 'OR' || name === 'XOR' || name === 'NOT') return name
  throw new Refusal(SYNTAX)
}

function isInBits(unit: ByteString | undefined): boolean {
  const name = unit === undefined ? 'BYTE' : word(unit)
  if (name !== 'BIT' && name !== 'BYTE') throw new Refusal(SYNTAX)
  return name === 'BIT'
}

type BitRange = { readonly first: number; readonly last: number }

/** Which bits of a string a range means; undefined if none. */
function bitRange(start: number, end: number, inBits: boolean, bytes: number): BitRange | undefined {
  const length = inBits ? bytes * 8 : bytes
  const first = Math.max(0, start < 0 ? length + start : start)
  const last = Math.min(length - 1, Math.max(0, end < 0 ? length + end : end))
  if (first > last) return undefined
  return inBits ? { first, last } : { first: first * 8, last: last * 8 + 7 }
}
