/**
 * The sparse form of a HyperLogLog: its 16384 registers as runs of equal ones.
 *
 *   00llllll             ZERO    l + 1 registers hold 0        (1 … 64)
 *   01llllll llllllll    XZERO   the same for long runs        (1 … 16384)
 *   1vvvvvll             VAL     l + 1 registers hold v + 1    (1 … 4; ranks 1 … 32)
 *
 * To set a register, the run it lies in is split in up to three, and then neighbours that have become equal
 * are joined, no further than Redis looks for them: the bytes are Redis's own.
 *
 * Source: redis 7.0 `src/hyperloglog.c`, hllSparseSet and the comment at its beginning.
 */
import type { StringValue } from '../string-value.ts'

const ZERO_MAX = 64
const VALUE_RUN_MAX = 4
const RANK_MAX = 32
/** Runs looked at for joining, from the one before the change on. */
const JOINED_MAX = 5

export type SparseChange = 'changed' | 'unchanged' | 'corrupt' | 'too-large'

/** A run: where it lies, how many bytes long, the registers it covers and what they hold. */
type Run = { readonly at: number; readonly size: number; readonly length: number; readonly rank: number }

/** The run whose opcode stands at `at`. */
export function runAt(bytes: Buffer, at: number): Run {
  const opcode = bytes[at]!
  if (opcode >= 0x80) return { at, size: 1, length: (opcode & 3) + 1, rank: ((opcode >> 2) & 31) + 1 }
  if (opcode < 0x40) return { at, size: 1, length: opcode + 1, rank: 0 }
  return { at, size: 2, length: (((opcode & 0x3f) << 8) | bytes[at + 1]!) + 1, rank: 0 }
}

/** Raises a register to `rank` unless it is as high; `too-large`: only the dense form can hold that. */
export function setSparse(
  value: StringValue,
  register: number,
  rank: number,
  { from, bytesMax }: { readonly from: number; readonly bytesMax: number },
): SparseChange {
  if (rank > RANK_MAX) return 'too-large'
  const bytes = value.edit(0)
  let [at, first, before] = [from, 0, from]
  let run = at < bytes.length ? runAt(bytes, at) : undefined
  while (run !== undefined && register >= first + run.length) {
    before = at
    at += run.size
    first += run.length
    run = at < bytes.length ? runAt(bytes, at) : undefined
  }
  if (run === undefined) return 'corrupt'
  if (run.rank >= rank) return 'unchanged'
  const parts = split(run, register - first, rank)
  const growth = parts.length - run.size
  if (growth > 0 && bytes.length + growth > bytesMax) return 'too-large'
  substitute(value, run, parts)
  joinNeighbours(value, before)
  return 'changed'
}

/** The runs, encoded, that replace one when the register `within` it gets a rank of its own. */
function split({ length, rank: old }: Run, within: number, rank: number): number[] {
  return [...encoded(within, old), ...encoded(1, rank), ...encoded(length - within - 1, old)]
}

function encoded(length: number, rank: number): number[] {
  if (length === 0) return []
  if (rank > 0) return [0x80 | ((rank - 1) << 2) | (length - 1)]
  return length > ZERO_MAX ? [0x40 | ((length - 1) >> 8), (length - 1) & 0xff] : [length - 1]
}

function substitute(value: StringValue, { at, size }: Run, parts: readonly number[]): void {
  const { length } = value
  const bytes = value.edit(length + Math.max(0, parts.length - size))
  bytes.copyWithin(at + parts.length, at + size, length)
  bytes.set(parts, at)
  value.truncate(length + parts.length - size)
}

function joinNeighbours(value: StringValue, from: number): void {
  let at = from
  for (let left = JOINED_MAX; left > 0 && at < value.length; left--) {
    const bytes = value.edit(0)
    const run = runAt(bytes, at)
    const next = run.rank > 0 && at + 1 < bytes.length ? runAt(bytes, at + 1) : undefined
    if (next?.rank === run.rank && next.length + run.length <= VALUE_RUN_MAX) {
      bytes[at] = encoded(run.length + next.length, run.rank)[0]!
      bytes.copyWithin(at + 1, at + 2)
      value.truncate(bytes.length - 1)
    } else at += run.size
  }
}
