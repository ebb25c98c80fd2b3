/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, connect, handshake, hear, pause, psync, snapshot, until } from '../../step.ts'

export const fullStreamAwaitsAck = scenario({
  name: 'full/stream-awaits-ack',
  teaches: 'Behind a snapshot that ends with a mark nothing comes until the replica acknowledges.',
  role: 'master',
  steps: [
    connect(),
    handshake(),
    psync('r1', '?', -1),
    snapshot(),
    until('rdb_bgsave_in_progress', 0),
    pause(100),
    ask('SET k v'),
    hear('r1', { kind: 'command', name: 'SELECT' }, 500),
  ],
})
