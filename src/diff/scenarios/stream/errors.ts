/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, look, sync } from '../../step.ts'

export const streamErrors = scenario({
  name: 'stream/errors',
  teaches: 'Commands that fail propagate nothing.',
  role: 'master',
  steps: [
    sync(),
    ask(
      'SET s v',
      'LPUSH s a',
      'INCR s',
      'HSET s f v',
      'SETEX s 0 v',
      'SETEX s -1 v',
      'EXPIRE s abc',
      'RENAME none x',
      'RESTORE k 0 junk',
      'SELECT 99',
      'NONSENSE',
      'SET s',
      'XADD x 0-0 f v',
      'LSET none 0 a',
    ),
    look('info'),
  ],
})
