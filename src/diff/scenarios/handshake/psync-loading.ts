/** A scenario for a replica: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { accept, adopt, cut, hear, look, tell, until } from '../../step.ts'
import { SMALL } from '../datasets.ts'

export const handshakePsyncLoading = scenario({
  name: 'handshake/psync-loading',
  teaches: 'LOADING to PSYNC: asked again later, with the same words.',
  role: 'replica',
  steps: [
    adopt(SMALL),
    cut('m1'),
    accept(),
    tell('m1', '-LOADING Redis is loading the dataset in memory'),
    hear('m1', { kind: 'closed' }),
    accept(),
    tell('m1', '+CONTINUE'),
    until('master_link_status', 'up'),
    look('info'),
  ],
})
