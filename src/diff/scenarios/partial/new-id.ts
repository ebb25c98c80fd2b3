/** A scenario for a replica: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { accept, adopt, cut, getack, look, OTHER_HISTORY, stream, tell, until } from '../../step.ts'
import { SMALL } from '../datasets.ts'

export const partialNewId = scenario({
  name: 'partial/new-id',
  teaches: 'CONTINUE with another id: the history is called so from now on, the old id is remembered.',
  role: 'replica',
  steps: [
    adopt(SMALL),
    stream('m1', 'SELECT 0', 'SET k v'),
    cut('m1'),
    accept(),
    tell('m1', `+CONTINUE ${OTHER_HISTORY}`),
    until('master_link_status', 'up'),
    stream('m1', 'SET k w'),
    getack(),
    look('info'),
  ],
})
