/** A scenario for a replica: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { adopt, ask } from '../../step.ts'
import { SMALL } from '../datasets.ts'

export const behaviourWaitRefused = scenario({
  name: 'behaviour/wait-refused',
  teaches: 'WAIT is no command for a replica.',
  role: 'replica',
  steps: [adopt(SMALL), ask('WAIT 1 10', 'FAILOVER', 'ROLE')],
})
