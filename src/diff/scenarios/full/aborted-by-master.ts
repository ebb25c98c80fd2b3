/** A scenario for a replica: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { accept, adopt, ask, cut, hear, look, OTHER_HISTORY, tell } from '../../step.ts'
import { SMALL } from '../datasets.ts'

export const fullAbortedByMaster = scenario({
  name: 'full/aborted-by-master',
  teaches: 'An error in place of the snapshot: asked again.',
  role: 'replica',
  steps: [
    adopt(SMALL),
    cut('m1'),
    accept(),
    tell('m1', `+FULLRESYNC ${OTHER_HISTORY} 9`),
    tell('m1', '-ERR BGSAVE failed, replication cannot continue'),
    hear('m1', { kind: 'closed' }),
    ask('GET a'),
    accept(),
    look('role'),
  ],
})
