/** A scenario for a replica: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { adopt, ask, getack, look, pause, stream } from '../../step.ts'
import { SMALL } from '../datasets.ts'

export const behaviourWritable = scenario({
  name: 'behaviour/writable',
  teaches: 'replica-read-only no: writes stay where they are and move no offset.',
  role: 'replica',
  config: { 'replica-read-only': 'no' },
  steps: [
    adopt(SMALL),
    ask('SET local 1', 'INCR a', 'SET short 1 PX 50', 'DEL b'),
    pause(300),
    ask('EXISTS short', 'DBSIZE'),
    stream('m1', 'SELECT 0', 'SET b back'),
    getack(),
    look('info', 'dataset'),
  ],
})
