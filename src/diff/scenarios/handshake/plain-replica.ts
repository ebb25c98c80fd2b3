/** A scenario for a replica: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { adopt, ask, getack, look, stream } from '../../step.ts'
import { SMALL } from '../datasets.ts'

export const handshakePlainReplica = scenario({
  name: 'handshake/plain',
  teaches: 'What a replica says to a master, and that it follows.',
  role: 'replica',
  steps: [
    adopt(SMALL),
    stream('m1', 'SELECT 0', 'SET k v'),
    getack(),
    ask('GET k', 'GET a'),
    look('info', 'role', 'dataset', 'digest'),
  ],
})
