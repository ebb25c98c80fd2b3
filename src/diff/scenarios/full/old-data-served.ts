/** A scenario for a replica: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { accept, adopt, ask, cut, look, OTHER_HISTORY, tell, until } from '../../step.ts'
import { SMALL } from '../datasets.ts'

export const fullOldDataServed = scenario({
  name: 'full/old-data-served',
  teaches: 'While the snapshot is on its way the old data is served.',
  role: 'replica',
  steps: [
    adopt(SMALL),
    cut('m1'),
    accept(),
    tell('m1', `+FULLRESYNC ${OTHER_HISTORY} 9`),
    tell('m1', '$1000'),
    until('master_sync_in_progress', 1),
    ask('GET a', 'PING', 'SET a 2'),
    look('info', 'role'),
  ],
})
