/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, comeBack, cut, look, sync } from '../../step.ts'

export const partialSomeMissed = scenario({
  name: 'partial/some-missed',
  teaches: 'What was written meanwhile is sent from the backlog.',
  role: 'master',
  steps: [
    sync(),
    ask('SET k v'),
    cut(),
    ask('SET k w', 'SELECT 1', 'SET other x'),
    comeBack(),
    ask('SET k y'),
    look('info', 'stats'),
  ],
})
