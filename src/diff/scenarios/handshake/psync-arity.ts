/** Scenario handshake/psync-arity, master. PSYNC with too few, too many or unexpected words, and SYNC with any. */
import { scenario } from '../../scenario.ts'
import { connect, look, say } from '../../step.ts'

export const handshakePsyncArity = scenario({
  name: 'handshake/psync-arity',
  teaches: 'PSYNC with too few, too many or unexpected words, and SYNC with any.',
  role: 'master',
  steps: [
    connect(),
    say('r1', 'PSYNC', 'PSYNC ?', 'PSYNC ? -1 FAILOVER', 'PSYNC ? -1 NONSENSE x y', 'SYNC now'),
    look('info'),
  ],
})
