/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, comeBack, hear, look, sync } from '../../step.ts'

export const partialKilled = scenario({
  name: 'partial/killed',
  teaches: 'CLIENT KILL TYPE replica ends the link; the replica comes back.',
  role: 'master',
  steps: [
    sync(),
    ask('SET k v', 'CLIENT KILL TYPE replica'),
    hear('r1', { kind: 'closed' }),
    ask('SET k w'),
    comeBack(),
    ask('SET k x'),
    look('stats'),
  ],
})
