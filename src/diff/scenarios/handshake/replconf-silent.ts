/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, connect, look, say, saySilently } from '../../step.ts'

export const handshakeReplconfSilent = scenario({
  name: 'handshake/replconf-silent',
  teaches: 'ACK and GETACK are never answered, whoever says them.',
  role: 'master',
  steps: [
    ask('SET k v'),
    connect(),
    saySilently('r1', 'REPLCONF ACK 5', 'REPLCONF GETACK *'),
    say('r1', 'PING'),
    look('info'),
  ],
  tolerances: [{ kind: 'ack', reason: 'no ACK of a replica: nothing is known of its link' }],
})
