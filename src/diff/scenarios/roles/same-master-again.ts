/** A scenario for a replica: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { adopt, ask, look, stream } from '../../step.ts'
import { SMALL } from '../datasets.ts'

export const rolesSameMasterAgain = scenario({
  name: 'roles/same-master-again',
  teaches: 'To be told of the master it has: nothing happens.',
  role: 'replica',
  steps: [
    adopt(SMALL),
    ask('REPLICAOF 127.0.0.1 {m1.port}', 'SLAVEOF 127.0.0.1 {m1.port}'),
    stream('m1', 'SELECT 0', 'SET k v'),
    look('info'),
  ],
})
