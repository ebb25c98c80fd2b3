/**
 * The reference server on a real port, in the test's own process: for real replicas, masters and tools.
 *
 *   const reference = await serveReference({ 'repl-diskless-sync-delay': 0 })
 *   await reference.client.command('SET', 'k', 'v')
 *
 * It is stopped, and its directory removed, when the test is over.
 */
import { onTestFinished } from 'vitest'
import { type NodeConfig, type ReferenceNode, startReferenceNode } from '../../src/cli/reference-node.ts'

export type ReferenceConfig = NodeConfig

/** @param dir kept where it is given; a new one otherwise */
export async function serveReference(config: ReferenceConfig = {}, dir?: string): Promise<ReferenceNode> {
  const node = await startReferenceNode(config, dir)
  try {
    onTestFinished(node.stop)
  } catch {
    // Outside a test whoever started it stops it.
  }
  return node
}
