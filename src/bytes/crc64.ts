/**
 * Crc64: the checksum at the end of every snapshot and every DUMP payload.
 *
 *   CRC-64/Jones: polynomial 0xad93d23594c935a9, reflected in and out, begins with 0, no final xor
 *   "123456789" → e9c6d914c4b8d9ca
 *
 * Sixteen bytes are folded in at once ("slicing"): table k holds what a byte does to the register when k
 * more bytes follow it, so sixteen independent look-ups replace a chain of sixteen dependent ones.
 * JavaScript has no fast 64-bit integer, and this is a fifth of the time of reading a snapshot; so the loop
 * is WebAssembly, assembled below. Measured on one machine, MB/s: BigInt 17, two 32-bit halves sliced by
 * eight 1,150, this 3,100.
 *
 * Source: redis `src/crc64.c`; slicing: Kounavis and Berry, "A systematic approach to building high
 * performance software-based CRC generators" (2005).
 */
import { during, type Expr, give, I64, load64, type Machine, Program } from './wasm.ts'

const SLICES = 16
/** 0xad93d23594c935a9, its bits in reverse. */
const POLYNOMIAL = 0x95ac9329ac4bc9b5n
/** The tables come first in the machine's memory, 8 bytes an entry; then what is to be summed. */
const TABLE_BYTES = 256 * 8
const INPUT = SLICES * TABLE_BYTES
const INPUT_BYTES = 32 * 1024

type Fold = (at: number, end: number, register: bigint) => bigint

const TABLE = bytewise()
const {
  memory,
  run: { fold },
} = assembled()
const input = memory.subarray(INPUT)

export class Crc64 {
  #register = 0n

  /** Folds in bytes[start..end). */
  update(bytes: Uint8Array, start = 0, end = bytes.length): void {
    let register = this.#register
    for (let at = start; at < end; ) {
      const size = Math.min(end - at, INPUT_BYTES)
      const whole = size - (size % SLICES)
      input.set(bytes.subarray(at, at + size))
      register = BigInt.asUintN(64, fold(INPUT, INPUT + whole, register))
      for (let i = at + whole; i < at + size; i++) {
        register = TABLE[Number((register ^ BigInt(bytes[i]!)) & 255n)]! ^ (register >> 8n)
      }
      at += size
    }
    this.#register = register
  }

  /** The checksum of all that was folded in, as 16 hexadecimal digits, most significant first. */
  hex(): string {
    return this.#register.toString(16).padStart(16, '0')
  }
}

/** The checksum of bytes[start..end) as 16 hexadecimal digits. */
export function crc64(bytes: Uint8Array, start = 0, end = bytes.length): string {
  const crc = new Crc64()
  crc.update(bytes, start, end)
  return crc.hex()
}

/** A checksum as snapshots and DUMP payloads store it, eight bytes little-endian, in the form of hex(). */
export function storedCrc64(bytes: Buffer, at: number): string {
  return bytes.readBigUInt64LE(at).toString(16).padStart(16, '0')
}

function bytewise(): bigint[] {
  return Array.from({ length: 256 }, (_, byte) => {
    let entry = BigInt(byte)
    for (let bit = 0; bit < 8; bit++) entry = entry & 1n ? (entry >> 1n) ^ POLYNOMIAL : entry >> 1n
    return entry
  })
}

/**
 *   while (at < end) { first = load(at) ^ register; second = load(at + 8)
 *                      register = table15[first & 255] ^ table14[first >> 8 & 255] ^ … ^ table0[second >> 56]
 *                      at += 16 }
 */
function assembled(): Machine<{ fold: Fold }> {
  const program = new Program()
  const fold = program.fn((f) => {
    const [at, end, register] = [f.param(), f.param(), f.param(I64)]
    const [first, second] = [f.local(I64), f.local(I64)]
    const lookUps = Array.from({ length: SLICES }, (_, i) => {
      // The byte times eight, which is its place in the table: shifted by three bits less than it has before it.
      const shift = (i % 8) * 8 - 3
      const word = i < 8 ? first : second
      const place = (shift < 0 ? word.shl(-shift) : word.shr(shift)).low().and(255 * 8)
      return load64(place, (SLICES - 1 - i) * TABLE_BYTES)
    })
    return [
      during(
        at.lt(end),
        first.is(load64(at).xor(register)),
        second.is(load64(at, 8)),
        register.is(allXored(lookUps)),
        at.add(SLICES),
      ),
      give(register, I64),
    ]
  }, I64)
  const machine = program.assemble<{ fold: Fold }>(1, { fold })()
  const tables = new BigUint64Array(machine.memory.buffer, 0, SLICES * 256)
  let slice = TABLE
  for (let k = 0; k < SLICES; k++) {
    tables.set(slice, k * 256)
    slice = slice.map((entry) => TABLE[Number(entry & 255n)]! ^ (entry >> 8n))
  }
  return machine
}

/** As a tree, whose branches a processor computes side by side; in a chain each would wait for the last. */
function allXored(operands: readonly Expr[]): Expr {
  if (operands.length === 1) return operands[0]!
  const half = operands.length / 2
  return allXored(operands.slice(half)).xor(allXored(operands.slice(0, half)))
}
