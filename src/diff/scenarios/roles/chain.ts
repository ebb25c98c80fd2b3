/** Scenario roles/chain, replica. A replica hands on the very bytes that it got, with their offsets. */
import { scenario } from '../../scenario.ts'
import { adopt, ask, hear, look, settle, stream, streamUnapplied, sync } from '../../step.ts'
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
    streamUnapplied('m1', ['REPLCONF GETACK *']),
    hear('m1', { kind: 'ack', offset: 0 }),
    settle(),
    ask('SET local 1'),
    look('info', 'role'),
  ],
})
