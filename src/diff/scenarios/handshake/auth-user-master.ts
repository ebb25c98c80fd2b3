/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, connect, cut, handshake, hear, psync, say, takeAll } from '../../step.ts'

export const handshakeAuthUserMaster = scenario({
  name: 'handshake/auth-user',
  teaches: 'A user needs the right to psync, replconf and ping; one that lacks it is told so.',
  role: 'master',
  steps: [
    ask('ACL SETUSER repl on >right +psync +replconf +ping', 'ACL SETUSER weak on >right +ping'),
    connect('r1'),
    say('r1', 'AUTH weak right', 'PING', 'REPLCONF listening-port 7001', 'PSYNC ? -1'),
    cut('r1'),
    connect('r2'),
    say('r2', 'AUTH repl wrong', 'AUTH repl right'),
    handshake('r2'),
    psync('r2', '?', -1),
    takeAll('r2'),
    say('r2', 'GET k'),
    hear('r2', { kind: 'closed' }),
  ],
})
