/** A scenario for a replica: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { adopt, getack, look, stream } from '../../step.ts'
import { SMALL } from '../datasets.ts'

export const behaviourPings = scenario({
  name: 'behaviour/pings',
  teaches: 'PINGs of the master are counted and not answered.',
  role: 'replica',
  steps: [adopt(SMALL), stream('m1', 'PING', 'PING'), getack(), look('info')],
})
