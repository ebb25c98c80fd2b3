/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, comeBack, cut, masterOffset, sync } from '../../step.ts'

export const partialInsideATransaction = scenario({
  name: 'partial/inside-a-transaction',
  teaches: 'From between the commands of a transaction.',
  role: 'master',
  steps: [
    sync(),
    ask('SET k v', 'MULTI', 'SET a 1', 'SET b 2', 'EXEC'),
    cut(),
    comeBack('r1', 'learned', masterOffset(-40)),
    ask('SET k w'),
  ],
})
