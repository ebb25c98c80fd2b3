/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, look, sync } from '../../step.ts'

export const streamFlush = scenario({
  name: 'stream/flush',
  teaches: 'FLUSHALL and FLUSHDB with their words.',
  role: 'master',
  steps: [
    sync(),
    ask(
      'SET a 1',
      'FLUSHDB',
      'SET a 1',
      'FLUSHDB ASYNC',
      'SET a 1',
      'FLUSHALL SYNC',
      'SET a 1',
      'flushall async',
      'FLUSHALL nonsense',
    ),
    look('dataset'),
  ],
})
