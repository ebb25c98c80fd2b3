/** A scenario for a replica: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { accept, give, look, tell, until } from '../../step.ts'
import { SMALL } from '../datasets.ts'

export const handshakeBadFullresync = scenario({
  name: 'handshake/bad-fullresync',
  teaches: 'An id that is not 40 characters long: the snapshot is taken, the history has no name.',
  role: 'replica',
  steps: [
    accept(),
    tell('m1', '+FULLRESYNC short 100'),
    give('m1', SMALL, { framing: 'length' }),
    until('master_link_status', 'up'),
    look('info', 'role', 'dataset'),
  ],
})
