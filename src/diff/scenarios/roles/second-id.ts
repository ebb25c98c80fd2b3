/** A scenario for a replica: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { adopt, ask, connect, HISTORY, handshake, look, psync, secondOffset, stream } from '../../step.ts'
import { SMALL } from '../datasets.ts'

export const rolesSecondId = scenario({
  name: 'roles/second-id',
  teaches: 'Siblings of a promoted replica may go on with the old id up to where it was promoted.',
  role: 'replica',
  steps: [
    adopt(SMALL),
    stream('m1', 'SELECT 3', 'SET k v'),
    ask('REPLICAOF NO ONE'),
    connect('r1'),
    handshake('r1'),
    psync('r1', { text: HISTORY }, secondOffset()),
    ask('SET k w'),
    connect('r2'),
    handshake('r2', 7002),
    psync('r2', { text: HISTORY }, 101),
    ask('SET k x'),
    look('info', 'stats'),
  ],
})
