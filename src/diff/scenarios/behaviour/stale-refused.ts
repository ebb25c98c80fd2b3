/** Scenario behaviour/stale-refused, replica. replica-serve-stale-data no: while the link is down, almost nothing is answered. */
import { scenario } from '../../scenario.ts'
import { adopt, ask, cut, look, shutDoor, until } from '../../step.ts'
import { SMALL } from '../datasets.ts'

export const behaviourStaleRefused = scenario({
  name: 'behaviour/stale-refused',
  teaches: 'replica-serve-stale-data no: while the link is down, almost nothing is answered.',
  role: 'replica',
  config: { 'replica-serve-stale-data': 'no' },
  steps: [
    adopt(SMALL),
    shutDoor('m1'),
    cut('m1'),
    until('master_link_status', 'down'),
    ask(
      'GET a',
      'SET a 1',
      'PING',
      'SELECT 1',
      'CONFIG GET port',
      'MULTI',
      'GET a',
      'EXEC',
      'PUBLISH c m',
      'TIME2',
      'REPLCONF listening-port 1',
      'PSYNC ? -1',
    ),
    look('role'),
  ],
  tolerances: [{ kind: 'reply', field: 'reply.1', reason: 'CONFIG GET port replies it as text' }],
})
