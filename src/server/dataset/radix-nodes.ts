/**
 * How many nodes Redis's radix tree would have for the nodes of a stream: a number that XINFO STREAM shows.
 *
 *   keys: 16 bytes, ms and seq, big-endian                 (aaab) ─► [ c │ d ]       1 run, 1 choice,
 *                                                                    │   │         2 runs, 2 ends: 6
 * A run of bytes without a choice is one node,                      (…) (…)
 * a choice is one, the end of a key is one.                          ▪   ▪
 *
 * Source: redis 7.0 `src/rax.c`.
 */
import type { Id } from './stream-id.ts'

const KEY_BYTES = 16

/** Ids in ascending order. */
export function radixNodes(ids: Iterable<Id>): number {
  let nodes = 1
  let before: Buffer | undefined
  /** Depths of the choices on the way to the last key, ascending. */
  const branches: number[] = []
  for (const id of ids) {
    const key = keyOf(id)
    if (before === undefined) nodes = 2
    else nodes += added(branches, firstDifference(before, key))
    before = key
  }
  return nodes
}

/** Nodes that a key adds which leaves the way of the last one at `depth`. */
function added(branches: number[], depth: number): number {
  let next = KEY_BYTES
  while (branches.length > 0 && branches.at(-1)! > depth) next = branches.pop()!
  const chain = depth < KEY_BYTES - 1 ? 1 : 0
  const end = 1
  if (branches.at(-1) === depth) return chain + end
  const start = (branches.at(-1) ?? -1) + 1
  branches.push(depth)
  // The run from `start` to `next` becomes a part before (if any), the choice, and a part behind (if any).
  const [before, behind] = [depth > start ? 1 : 0, next > depth + 1 ? 1 : 0]
  return chain + end + before + 1 + behind - 1
}

function keyOf({ ms, seq }: Id): Buffer {
  const key = Buffer.alloc(KEY_BYTES)
  key.writeBigUInt64BE(BigInt(ms), 0)
  key.writeBigUInt64BE(BigInt(seq), 8)
  return key
}

function firstDifference(a: Buffer, b: Buffer): number {
  let at = 0
  while (a[at] === b[at]) at++
  return at
}
