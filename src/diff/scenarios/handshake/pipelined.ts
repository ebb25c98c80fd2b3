/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, connect, look, raw, takeAll } from '../../step.ts'

export const handshakePipelined = scenario({
  name: 'handshake/pipelined',
  teaches: 'All questions in one piece: PSYNC is refused while replies are still to be sent.',
  role: 'master',
  steps: [
    connect(),
    raw('r1', 'PING\r\nREPLCONF listening-port 7001\r\nREPLCONF capa eof capa psync2\r\nPSYNC ? -1\r\n'),
    raw('r1', 'PSYNC ? -1\r\n'),
    takeAll(),
    ask('SET k v'),
    look('role'),
  ],
})
