/** A scenario for a replica: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { adopt, ask, getack, look, settle, stream, sync } from '../../step.ts'
import { SMALL } from '../datasets.ts'

export const rolesChain = scenario({
  name: 'roles/chain',
  teaches: 'A replica hands on the very bytes that it got, with their offsets.',
  role: 'replica',
  steps: [
    adopt(SMALL),
    sync('r1', 7001),
    stream('m1', 'SELECT 2', 'SET k v', 'PING', 'MULTI', 'INCR n', 'INCR n', 'EXEC'),
    settle(),
    getack(),
    settle(),
    ask('SET local 1'),
    look('info', 'role'),
  ],
})
