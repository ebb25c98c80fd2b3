/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, connect, raw, takeAll } from '../../step.ts'

export const handshakeInlineWords = scenario({
  name: 'handshake/inline-words',
  teaches: 'The whole handshake in inline commands.',
  role: 'master',
  steps: [
    connect(),
    raw('r1', 'PING\r\n'),
    raw('r1', 'REPLCONF listening-port 7001\r\n'),
    raw('r1', 'REPLCONF capa eof capa psync2\n'),
    raw('r1', 'PSYNC ? -1\r\n'),
    takeAll(),
    ask('SET k v'),
  ],
})
