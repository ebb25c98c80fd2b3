/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, comeBack, cut, firstByte, look, sync } from '../../step.ts'

export const partialFirstByte = scenario({
  name: 'partial/first-byte',
  teaches: 'The first byte of the backlog is still granted.',
  role: 'master',
  steps: [
    sync(),
    ask('SET k v', 'SET k w'),
    cut(),
    comeBack('r1', 'learned', firstByte()),
    ask('SET k x'),
    look('info', 'stats'),
  ],
})
