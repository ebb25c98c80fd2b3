/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, comeBack, cut, firstByte, look, sync, takeAll } from '../../step.ts'

export const partialBeforeFirstByte = scenario({
  name: 'partial/before-first-byte',
  teaches: 'The byte before the first is not.',
  role: 'master',
  steps: [
    sync(),
    ask('SET k v', 'SET k w'),
    cut(),
    comeBack('r1', 'learned', firstByte(-1)),
    takeAll(),
    ask('SET k x'),
    look('stats'),
  ],
})
