/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { connect, look, psync, say, takeAll } from '../../step.ts'

export const handshakeAnnouncedAddress = scenario({
  name: 'handshake/announced-address',
  teaches: 'The address that a replica announces stands in INFO and ROLE.',
  role: 'master',
  steps: [
    connect(),
    say('r1', 'REPLCONF listening-port 7005 ip-address 10.1.2.3 capa eof capa psync2'),
    psync('r1', '?', -1),
    takeAll(),
    look('info', 'role'),
  ],
})
