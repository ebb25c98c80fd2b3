/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, look, sync, until } from '../../step.ts'

export const rolesFailoverTimeout = scenario({
  name: 'roles/failover-timeout',
  teaches: 'FAILOVER to a replica that does not acknowledge is given up.',
  role: 'master',
  steps: [
    sync(),
    ask('SET k v', 'FAILOVER TIMEOUT 400'),
    until('master_failover_state', 'waiting-for-sync'),
    until('master_failover_state', 'no-failover'),
    ask('SET k w'),
    look('info'),
  ],
})
