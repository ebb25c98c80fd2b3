/** A scenario for a replica: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { accept, give, HISTORY, tell, until } from '../../step.ts'
import { SMALL } from '../datasets.ts'

export const handshakeAuthPasswordReplica = scenario({
  name: 'handshake/auth-password',
  teaches: 'With masterauth: AUTH after a PING that is answered NOAUTH.',
  role: 'replica',
  config: { masterauth: 'secret' },
  steps: [
    accept('m1', { answers: { PING: '-NOAUTH Authentication required.' } }),
    tell('m1', `+FULLRESYNC ${HISTORY} 0`),
    give('m1', SMALL),
    until('master_link_status', 'up'),
  ],
})
