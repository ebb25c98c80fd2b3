/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, comeBack, cut, masterOffset, sync } from '../../step.ts'

export const partialMiddleOfACommand = scenario({
  name: 'partial/middle-of-a-command',
  teaches: 'From the middle of a command: the bytes are sent as they are.',
  role: 'master',
  steps: [sync(), ask('SET key value'), cut(), comeBack('r1', 'learned', masterOffset(-3))],
})
