/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, connect, cut, psync, say, seen, takeAll } from '../../step.ts'

export const handshakeNoCapabilities = scenario({
  name: 'handshake/no-capabilities',
  teaches: 'A replica that names no capabilities gets its snapshot by length, and CONTINUE without an id.',
  role: 'master',
  steps: [
    ask('SET k v'),
    connect(),
    say('r1', 'PING', 'REPLCONF listening-port 7001'),
    psync('r1', '?', -1),
    takeAll(),
    ask('SET k w'),
    cut(),
    connect(),
    say('r1', 'PING'),
    psync('r1', 'learned', seen(1)),
    ask('SET k x'),
  ],
})
