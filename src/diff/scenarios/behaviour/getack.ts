/** A scenario for a replica: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { adopt, getack, hear, look, seen, stream } from '../../step.ts'
import { SMALL } from '../datasets.ts'

export const behaviourGetack = scenario({
  name: 'behaviour/getack',
  teaches: 'The answer to GETACK does not count the GETACK; the next ACK does.',
  role: 'replica',
  steps: [
    adopt(SMALL),
    stream('m1', 'SELECT 0', 'SET k v'),
    getack(),
    hear('m1', { kind: 'ack', offset: seen() }, 2500),
    getack(),
    look('info'),
  ],
})
