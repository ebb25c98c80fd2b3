/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, look, sync } from '../../step.ts'

export const handshakePlainMaster = scenario({
  name: 'handshake/plain',
  teaches: 'What a master answers a replica of 7.0 step by step, and the stream that follows.',
  role: 'master',
  steps: [sync(), ask('SET k v', 'INCR n'), look('info', 'role', 'stats', 'dataset', 'digest')],
})
