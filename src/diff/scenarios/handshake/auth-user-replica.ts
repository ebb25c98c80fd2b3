/** A scenario for a replica: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { accept, give, HISTORY, tell, until } from '../../step.ts'
import { SMALL } from '../datasets.ts'

export const handshakeAuthUserReplica = scenario({
  name: 'handshake/auth-user',
  teaches: 'With masteruser: AUTH with name and password.',
  role: 'replica',
  config: { masterauth: 'secret', masteruser: 'repl' },
  steps: [
    accept(),
    tell('m1', `+FULLRESYNC ${HISTORY} 0`),
    give('m1', SMALL),
    until('master_link_status', 'up'),
  ],
})
