/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, hear, look, sync, until } from '../../step.ts'

export const behaviourReplicaSilent = scenario({
  name: 'behaviour/replica-silent',
  teaches: 'A replica that does not acknowledge for longer than repl-timeout is dropped.',
  role: 'master',
  config: { 'repl-timeout': 2 },
  steps: [
    sync(),
    ask('SET k v'),
    hear('r1', { kind: 'closed' }, 8000),
    until('connected_slaves', 0),
    look('info'),
  ],
})
