/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, comeBack, cut, look, sync, takeAll, until } from '../../step.ts'

export const partialBacklogTtl = scenario({
  name: 'partial/backlog-ttl',
  teaches: 'Some time after the last replica the backlog goes, and the history gets a new id.',
  role: 'master',
  config: { 'repl-backlog-ttl': 1 },
  steps: [
    sync(),
    ask('SET k v'),
    cut(),
    until('repl_backlog_active', 0, 6000),
    look('info'),
    comeBack(),
    takeAll(),
    look('info', 'stats'),
  ],
})
