/** A scenario for a replica: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { accept, adopt, cut, give, look, OTHER_HISTORY, tell, until } from '../../step.ts'
import { NOTHING, SMALL } from '../datasets.ts'

export const fullEmptyReplica = scenario({
  name: 'full/empty',
  teaches: 'An empty snapshot empties the replica.',
  role: 'replica',
  steps: [
    adopt(SMALL),
    cut('m1'),
    accept(),
    tell('m1', `+FULLRESYNC ${OTHER_HISTORY} 0`),
    give('m1', NOTHING),
    until('master_link_status', 'up'),
    look('info', 'dataset'),
  ],
})
