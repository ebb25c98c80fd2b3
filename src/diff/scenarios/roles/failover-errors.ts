/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, look, sync } from '../../step.ts'

export const rolesFailoverErrors = scenario({
  name: 'roles/failover-errors',
  teaches: 'FAILOVER when there is nothing to fail over to, and with wrong words.',
  role: 'master',
  steps: [
    ask(
      'FAILOVER',
      'FAILOVER ABORT',
      'FAILOVER TO 127.0.0.1 1',
      'FAILOVER TIMEOUT 0',
      'FAILOVER TIMEOUT -1',
      'FAILOVER FORCE',
      'FAILOVER NONSENSE',
    ),
    sync(),
    ask('FAILOVER TO 127.0.0.1 1', 'FAILOVER TO 127.0.0.1 1 FORCE', 'FAILOVER TIMEOUT abc'),
    look('info'),
  ],
})
