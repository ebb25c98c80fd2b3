/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, comeBack, cut, look, sync } from '../../step.ts'

export const partialTwoPlaces = scenario({
  name: 'partial/two-places',
  teaches: 'Two replicas come back from different places of one backlog.',
  role: 'master',
  steps: [
    sync('r1', 7001),
    sync('r2', 7002),
    ask('SET k v'),
    cut('r1'),
    ask('SET k w'),
    cut('r2'),
    ask('SET k x'),
    comeBack('r2'),
    comeBack('r1'),
    ask('SET k y'),
    look('role', 'stats'),
  ],
})
