/** A scenario for a replica: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import {
  adopt,
  ask,
  connect,
  HISTORY,
  handshake,
  look,
  psync,
  secondOffset,
  stream,
  sync,
  takeAll,
} from '../../step.ts'
import { SMALL } from '../datasets.ts'

export const rolesSecondIdTooFar = scenario({
  name: 'roles/second-id-too-far',
  teaches: 'One byte further than that, the old id is worth nothing.',
  role: 'replica',
  steps: [
    adopt(SMALL),
    stream('m1', 'SELECT 3', 'SET k v'),
    ask('REPLICAOF NO ONE'),
    sync('r2', 7002),
    ask('SET k w'),
    connect('r1'),
    handshake('r1'),
    psync('r1', { text: HISTORY }, secondOffset(1)),
    takeAll('r1'),
    look('info', 'stats'),
  ],
})
