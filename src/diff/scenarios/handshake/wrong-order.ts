/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, connect, look, psync, saySilently, takeAll } from '../../step.ts'

export const handshakeWrongOrder = scenario({
  name: 'handshake/wrong-order',
  teaches: 'PSYNC may be the first word; what REPLCONF says afterwards still counts.',
  role: 'master',
  steps: [
    ask('SET k v'),
    connect(),
    psync('r1', '?', -1),
    takeAll(),
    saySilently('r1', 'REPLCONF ACK 0'),
    ask('SET k w'),
    look('info', 'role'),
  ],
})
