/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, comeBack, cut, look, masterOffset, sync, takeAll } from '../../step.ts'

export const partialAhead = scenario({
  name: 'partial/ahead',
  teaches: 'A byte that was never written: a full resync.',
  role: 'master',
  steps: [
    sync(),
    ask('SET k v'),
    cut(),
    comeBack('r1', 'learned', masterOffset(2)),
    takeAll(),
    ask('SET k w'),
    look('stats'),
  ],
})
