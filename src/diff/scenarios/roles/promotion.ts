/** A scenario for a replica: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { adopt, ask, getack, hear, look, stream } from '../../step.ts'
import { SMALL } from '../datasets.ts'

export const rolesPromotion = scenario({
  name: 'roles/promotion',
  teaches: 'A promoted replica remembers the history it had, and begins its own.',
  role: 'replica',
  steps: [
    adopt(SMALL),
    stream('m1', 'SELECT 3', 'SET k v'),
    getack(),
    look('info'),
    ask('REPLICAOF NO ONE'),
    hear('m1', { kind: 'closed' }),
    look('info', 'role'),
    ask('SET k w', 'REPLICAOF NO ONE'),
    look('info', 'dataset'),
  ],
})
