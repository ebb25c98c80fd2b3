/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, connect, hear, look, psync, say, snapshot, until } from '../../step.ts'

export const fullRdbOnly = scenario({
  name: 'full/rdb-only',
  teaches: 'rdb-only: the snapshot, then the connection is closed.',
  role: 'master',
  steps: [
    ask('SET k v'),
    connect(),
    say('r1', 'REPLCONF capa eof rdb-only 1'),
    psync('r1', '?', -1),
    snapshot(),
    hear('r1', { kind: 'closed' }),
    until('connected_slaves', 0),
    look('info'),
  ],
})
