/** A scenario for a replica: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { adopt, ask, look } from '../../step.ts'
import { SMALL } from '../datasets.ts'

export const behaviourPriority = scenario({
  name: 'behaviour/priority',
  teaches: 'Priority and announcement stand in INFO.',
  role: 'replica',
  steps: [
    adopt(SMALL),
    look('info'),
    ask(
      'CONFIG SET replica-priority 7',
      'CONFIG SET replica-announced no',
      'CONFIG SET replica-read-only no',
    ),
    look('info'),
  ],
})
