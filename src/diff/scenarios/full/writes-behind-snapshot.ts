/** A scenario for a replica: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { adopt, getack, look, stream } from '../../step.ts'
import { SMALL } from '../datasets.ts'

export const fullWritesBehindSnapshot = scenario({
  name: 'full/writes-behind-snapshot',
  teaches: 'The stream goes on behind the snapshot from the offset that was announced.',
  role: 'replica',
  steps: [
    adopt(SMALL, { offset: 4711, framing: 'length' }),
    stream('m1', 'SELECT 9', 'SET k v', 'PING'),
    getack(),
    stream('m1', 'INCR n'),
    look('info', 'dataset'),
  ],
})
