/** Scenario roles/failover-abort, master. FAILOVER ABORT lets clients write again. */
import { scenario } from '../../scenario.ts'
import { ask, hear, look, reply, send, sync } from '../../step.ts'

export const rolesFailoverAbort = scenario({
  name: 'roles/failover-abort',
  teaches: 'FAILOVER ABORT lets clients write again.',
  role: 'master',
  steps: [
    sync(),
    ask('SET k v', 'FAILOVER'),
    hear('r1', { kind: 'getack' }),
    look('info'),
    send('other', 'SET k paused'),
    ask('FAILOVER', 'FAILOVER ABORT'),
    reply('other'),
    look('info'),
  ],
})
