/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, look, sync } from '../../step.ts'

export const fullDisk = scenario({
  name: 'full/disk',
  teaches: 'Through a file: the snapshot has a length, and the stream follows at once.',
  role: 'master',
  config: { 'repl-diskless-sync': 'no' },
  steps: [ask('SET k v', 'RPUSH l a b'), sync(), ask('SET k w'), look('info', 'stats')],
})
