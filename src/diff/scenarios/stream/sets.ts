/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, look, sync } from '../../step.ts'

export const streamSets = scenario({
  name: 'stream/sets',
  teaches: 'Sets: SPOP is the removal of what it took.',
  role: 'master',
  steps: [
    sync(),
    ask(
      'SADD s a',
      'SPOP s',
      'SADD s a b',
      'SPOP s 2',
      'SADD s a b',
      'SPOP s 5',
      'SADD s 1 2 3',
      'SADD t 2 3 4',
      'SINTERSTORE d s t',
      'SUNIONSTORE d s t',
      'SDIFFSTORE d s t',
      'SDIFFSTORE d s s',
      'SMOVE s t 1',
      'SREM s 2 none',
    ),
    look('dataset'),
  ],
})
