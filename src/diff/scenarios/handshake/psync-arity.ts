/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { connect, look, psync, say, takeAll } from '../../step.ts'

export const handshakePsyncArity = scenario({
  name: 'handshake/psync-arity',
  teaches: 'PSYNC with too few, too many or unexpected words, and SYNC with any.',
  role: 'master',
  steps: [
    connect(),
    say('r1', 'PSYNC', 'PSYNC ?', 'PSYNC ? -1 FAILOVER', 'SYNC now'),
    psync('r1', '?', -1, 'NONSENSE', 'x', 'y'),
    takeAll(),
    look('info'),
  ],
})
