/** A scenario for a replica: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { adopt, ask, cut, look, shutDoor, until } from '../../step.ts'
import { SMALL } from '../datasets.ts'

export const behaviourStaleRefused = scenario({
  name: 'behaviour/stale-refused',
  teaches: 'replica-serve-stale-data no: while the link is down, almost nothing is answered.',
  role: 'replica',
  steps: [
    adopt(SMALL),
    ask('CONFIG SET replica-serve-stale-data no', 'GET a'),
    shutDoor('m1'),
    cut('m1'),
    until('master_link_status', 'down'),
    ask(
      'GET a',
      'SET a 1',
      'PING',
      'SELECT 1',
      'CONFIG GET replica-serve-stale-data',
      'MULTI',
      'GET a',
      'EXEC',
      'PUBLISH c m',
      'NONSENSE',
      'REPLCONF listening-port 1',
      'PSYNC ? -1',
    ),
    look('role'),
  ],
})
