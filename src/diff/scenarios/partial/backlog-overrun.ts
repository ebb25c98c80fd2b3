/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, comeBack, cut, look, sync, takeAll } from '../../step.ts'

export const partialBacklogOverrun = scenario({
  name: 'partial/backlog-overrun',
  teaches: 'More was written than the backlog holds: a full resync.',
  role: 'master',
  config: { 'repl-backlog-size': 16384 },
  steps: [
    sync(),
    ask('SET k v'),
    cut(),
    ask(...Array.from({ length: 8 }, (_, i) => `SET k${i} ${'x'.repeat(9000)}`)),
    comeBack(),
    takeAll(),
    ask('SET k w'),
    look('stats'),
  ],
})
