/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, look, reply, send, sync, until } from '../../step.ts'

export const rolesFailoverAbort = scenario({
  name: 'roles/failover-abort',
  teaches: 'FAILOVER ABORT lets clients write again.',
  role: 'master',
  steps: [
    sync(),
    ask('SET k v', 'FAILOVER'),
    until('master_failover_state', 'waiting-for-sync'),
    look('info'),
    send('other', 'SET k paused'),
    ask('FAILOVER', 'FAILOVER ABORT'),
    reply('other'),
    look('info'),
  ],
})
