/** A scenario for a replica: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { adopt, ask, comeBack, hear, look, settle, stream, sync } from '../../step.ts'
import { SMALL } from '../datasets.ts'

export const rolesChainPromotion = scenario({
  name: 'roles/chain-promotion',
  teaches: 'A promotion in the middle: those below are sent away and go on.',
  role: 'replica',
  steps: [
    adopt(SMALL),
    sync('r1', 7001),
    stream('m1', 'SELECT 0', 'SET k v'),
    settle(),
    ask('REPLICAOF NO ONE'),
    hear('r1', { kind: 'closed' }),
    comeBack('r1'),
    ask('SET k w'),
    look('info'),
  ],
})
