/**
 * Nodes whose number stands before them, and is known only after all were cut.
 *
 *   length N, N × node        (lists since RDB 7, streams)
 *
 * The nodes are cut once into a staging buffer. If that stays small, the count is written and the staging
 * copied behind it. If it does not, the first walk only counts, and a second walk writes: time is doubled for
 * the long ones, and memory stays that of one node.
 */
import type { RdbOutput, Steps } from './encode-output.ts'

const STAGING_MAX = 128 * 1024
/** Nodes counted between two moments to let others work. */
const NODES_PER_STEP = 16

/**
 * @param walk cuts the nodes, the same each time it is called. A node is borrowed until the next is asked
 * for.
 * @param write writes one node to `out`.
 */
export function* writeCounted<N>(
  out: RdbOutput,
  walk: () => Iterable<N>,
  write: (out: RdbOutput, node: N) => void,
): Steps {
  const { writer, staging } = out
  let count = 0
  let staged = true
  staging.clear()
  for (const node of walk()) {
    count++
    if (staged) {
      out.writer = staging
      write(out, node)
      out.writer = writer
      staged = staging.length <= STAGING_MAX
    } else if (count % NODES_PER_STEP === 0) yield
  }
  out.length(count)
  if (staged) {
    writer.put(staging.view())
    return
  }
  for (const node of walk()) {
    write(out, node)
    if (out.full) yield
  }
}
