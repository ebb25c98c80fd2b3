/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, comeBack, cut, look, sync, takeAll } from '../../step.ts'

export const partialZeroAndNegative = scenario({
  name: 'partial/zero-and-negative',
  teaches: 'Offsets 0 and -1 with a good id: full resyncs.',
  role: 'master',
  steps: [
    sync(),
    ask('SET k v'),
    cut(),
    comeBack('r1', 'learned', 0),
    takeAll(),
    cut(),
    comeBack('r1', 'learned', -1),
    takeAll(),
    look('stats'),
  ],
})
