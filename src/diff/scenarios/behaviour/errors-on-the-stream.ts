/** A scenario for a replica: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { adopt, getack, look, stream } from '../../step.ts'
import { SMALL } from '../datasets.ts'

export const behaviourErrorsOnTheStream = scenario({
  name: 'behaviour/errors-on-the-stream',
  teaches: 'Commands that fail are counted all the same, and the link goes on.',
  role: 'replica',
  steps: [
    adopt(SMALL),
    stream('m1', 'SELECT 0', 'NONSENSE x', 'SET k', 'LPUSH a x', 'INCR b', 'SELECT 99', 'SET k v'),
    getack(),
    look('info', 'dataset'),
  ],
})
