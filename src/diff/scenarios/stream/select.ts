/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, look, sync } from '../../step.ts'

export const streamSelect = scenario({
  name: 'stream/select',
  teaches: 'SELECT stands before a command of another database than the one before.',
  role: 'master',
  steps: [
    sync(),
    ask(
      'SET a 0',
      'SELECT 3',
      'SET a 3',
      'SET b 3',
      'SELECT 0',
      'GET a',
      'SELECT 3',
      'SET c 3',
      'SELECT 0',
      'SWAPDB 0 3',
      'PUBLISH c m',
      'SELECT 7',
      'FLUSHDB',
      'PUBLISH c m',
      'SELECT 2',
      'MULTI',
      'SET a 1',
      'SELECT 4',
      'SET a 2',
      'EXEC',
      'SET b 2',
      'SELECT 2',
      'FLUSHALL',
    ),
    look('info', 'dataset'),
  ],
})
