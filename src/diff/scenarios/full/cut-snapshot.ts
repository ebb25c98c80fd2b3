/** A scenario for a replica: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { accept, adopt, ask, cut, give, look, OTHER_HISTORY, tell, until } from '../../step.ts'
import { OTHER, SMALL } from '../datasets.ts'

export const fullCutSnapshot = scenario({
  name: 'full/cut-snapshot',
  teaches: 'A snapshot that ends too early loses nothing.',
  role: 'replica',
  steps: [
    adopt(SMALL),
    cut('m1'),
    accept(),
    tell('m1', `+FULLRESYNC ${OTHER_HISTORY} 9`),
    give('m1', OTHER, { damage: { cutAfter: 40 } }),
    accept(),
    ask('GET a', 'GET c', 'DBSIZE'),
    tell('m1', `+FULLRESYNC ${OTHER_HISTORY} 9`),
    give('m1', OTHER),
    until('master_link_status', 'up'),
    look('info', 'dataset'),
  ],
})
