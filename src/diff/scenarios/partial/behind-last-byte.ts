/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, comeBack, cut, look, masterOffset, sync } from '../../step.ts'

export const partialBehindLastByte = scenario({
  name: 'partial/behind-last-byte',
  teaches: 'The byte to come: CONTINUE, and nothing yet.',
  role: 'master',
  steps: [
    sync(),
    ask('SET k v'),
    cut(),
    comeBack('r1', 'learned', masterOffset(1)),
    ask('SET k w'),
    look('stats'),
  ],
})
