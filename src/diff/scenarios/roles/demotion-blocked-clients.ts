/** A scenario for a replica: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { accept, ask, reply, send } from '../../step.ts'

export const rolesDemotionBlockedClients = scenario({
  name: 'roles/demotion-blocked-clients',
  teaches: 'Clients that are blocked when their server becomes a replica are sent away.',
  role: 'replica',
  config: { replicaof: 'none' },
  steps: [send('waiting', 'BLPOP l 0'), ask('REPLICAOF 127.0.0.1 {m1.port}'), reply('waiting'), accept()],
})
