/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, look, saySilently, sync } from '../../step.ts'

export const handshakeSyncTwice = scenario({
  name: 'handshake/sync-twice',
  teaches: 'A connection that is a replica already gets no answer to another PSYNC.',
  role: 'master',
  steps: [sync(), saySilently('r1', 'PSYNC ? -1', 'SYNC'), ask('SET k v'), look('stats')],
})
