/** A scenario for a replica: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { accept, adopt, cut, give, look, OTHER_HISTORY, tell, until } from '../../step.ts'
import { OTHER, SMALL } from '../datasets.ts'

export const fullSwapdb = scenario({
  name: 'full/swapdb',
  teaches: 'repl-diskless-load swapdb: the new data takes the place of the old.',
  role: 'replica',
  config: { 'repl-diskless-load': 'swapdb' },
  steps: [
    adopt(SMALL),
    cut('m1'),
    accept(),
    tell('m1', `+FULLRESYNC ${OTHER_HISTORY} 9`),
    give('m1', OTHER),
    until('master_link_status', 'up'),
    look('info', 'dataset'),
  ],
})
