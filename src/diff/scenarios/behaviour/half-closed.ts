/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, cut, hear, look, sync, until } from '../../step.ts'

export const behaviourHalfClosed = scenario({
  name: 'behaviour/half-closed',
  teaches: 'A replica that closes its side of the connection is gone.',
  role: 'master',
  steps: [
    sync(),
    cut('r1', 'half'),
    hear('r1', { kind: 'closed' }),
    until('connected_slaves', 0),
    ask('SET k v'),
    look('info'),
  ],
})
