/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, connect, handshake, look, psync, say, takeAll } from '../../step.ts'

export const handshakeAuthPasswordMaster = scenario({
  name: 'handshake/auth-password',
  teaches: 'Without the password nothing but AUTH is answered; with it, all is.',
  role: 'master',
  config: { requirepass: 'secret' },
  steps: [
    connect(),
    say('r1', 'PING', 'REPLCONF listening-port 7001', 'PSYNC ? -1', 'AUTH wrong', 'AUTH secret'),
    handshake(),
    psync('r1', '?', -1),
    takeAll(),
    ask('SET k v'),
    look('info'),
  ],
})
