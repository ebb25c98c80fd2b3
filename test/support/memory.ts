/** How much memory something holds on to. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/**
 * Bytes that are held after `work` and were not before: objects, and buffers outside the heap. What
 * `work` returns
 * counts, because it is still alive when the second look is taken.
 */
export function heldBy(work: () => unknown): number {
  const before = held()
  const result = work()
  const after = held()
  // Used after the measurement, so that it cannot be collected before.
  return result === work ? Number.NaN : after - before
}

function held(): number {
  collect()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}
