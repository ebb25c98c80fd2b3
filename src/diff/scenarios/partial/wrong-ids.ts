/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, comeBack, cut, look, OTHER_HISTORY, sync, takeAll } from '../../step.ts'

export const partialWrongIds = scenario({
  name: 'partial/wrong-ids',
  teaches: 'Another id, zeros and a short id: full resyncs, counted as refused.',
  role: 'master',
  steps: [
    sync(),
    ask('SET k v'),
    cut(),
    comeBack('r1', { text: OTHER_HISTORY }),
    takeAll(),
    cut(),
    comeBack('r1', { text: '0'.repeat(40) }),
    takeAll(),
    cut(),
    comeBack('r1', { text: 'short' }),
    takeAll(),
    cut(),
    comeBack('r1', { text: '?' }, 1),
    takeAll(),
    look('stats'),
  ],
})
