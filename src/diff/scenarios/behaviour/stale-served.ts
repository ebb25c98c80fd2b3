/** A scenario for a replica: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { adopt, ask, cut, look, shutDoor, until } from '../../step.ts'
import { SMALL } from '../datasets.ts'

export const behaviourStaleServed = scenario({
  name: 'behaviour/stale-served',
  teaches: 'While the link is down old data is served.',
  role: 'replica',
  steps: [
    adopt(SMALL),
    shutDoor('m1'),
    cut('m1'),
    until('master_link_status', 'down'),
    ask('GET a', 'SET a 1', 'PING'),
    look('info', 'role'),
  ],
})
