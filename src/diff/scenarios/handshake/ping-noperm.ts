/** A scenario for a replica: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { accept, give, HISTORY, tell, until } from '../../step.ts'
import { SMALL } from '../datasets.ts'

export const handshakePingNoperm = scenario({
  name: 'handshake/ping-noperm',
  teaches: 'A PING that is not permitted is tolerated.',
  role: 'replica',
  steps: [
    accept('m1', { answers: { PING: '-NOPERM this user has no permissions' } }),
    tell('m1', `+FULLRESYNC ${HISTORY} 0`),
    give('m1', SMALL),
    until('master_link_status', 'up'),
  ],
})
