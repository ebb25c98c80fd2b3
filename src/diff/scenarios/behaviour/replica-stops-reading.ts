/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, look, stall, sync, until } from '../../step.ts'

export const behaviourReplicaStopsReading = scenario({
  name: 'behaviour/replica-stops-reading',
  teaches: 'A replica that never reads is dropped when too much waits for it.',
  role: 'master',
  config: { 'client-output-buffer-limit': 'replica 2mb 0 0', 'repl-backlog-size': 16384 },
  steps: [
    sync(),
    stall(),
    ask(...Array.from({ length: 16 }, () => `SET k ${'x'.repeat(1000000)}`)),
    until('connected_slaves', 0, 5000),
    look('info'),
  ],
})
