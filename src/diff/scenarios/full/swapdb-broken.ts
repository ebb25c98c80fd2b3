/** A scenario for a replica: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { accept, adopt, ask, cut, give, HISTORY, look, tell } from '../../step.ts'
import { OTHER, SMALL } from '../datasets.ts'

export const fullSwapdbBroken = scenario({
  name: 'full/swapdb-broken',
  teaches: 'repl-diskless-load swapdb: a broken snapshot leaves the old data in its place.',
  role: 'replica',
  config: { 'repl-diskless-load': 'swapdb' },
  steps: [
    adopt(SMALL),
    cut('m1'),
    accept(),
    tell('m1', `+FULLRESYNC ${HISTORY} 100`),
    give('m1', OTHER, { damage: { cutAfter: 40 } }),
    accept(),
    ask('GET a', 'GET c', 'DBSIZE'),
    look('role'),
  ],
})
