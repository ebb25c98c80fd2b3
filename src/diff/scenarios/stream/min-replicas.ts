/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, cut, look, sync, until } from '../../step.ts'

export const streamMinReplicas = scenario({
  name: 'stream/min-replicas',
  teaches: 'With min-replicas-to-write, writes need a replica that acknowledges.',
  role: 'master',
  config: { 'min-replicas-to-write': 1, 'min-replicas-max-lag': 10 },
  steps: [
    ask('SET k v', 'GET k', 'MULTI', 'SET k v', 'EXEC'),
    sync(),
    until('min_slaves_good_slaves', 1),
    ask('SET k v', 'PUBLISH c m'),
    look('info'),
    cut(),
    until('min_slaves_good_slaves', 0),
    ask('SET k w'),
  ],
})
