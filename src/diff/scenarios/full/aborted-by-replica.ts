/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, connect, cut, handshake, look, psync, sync, until } from '../../step.ts'

export const fullAbortedByReplica = scenario({
  name: 'full/aborted-by-replica',
  teaches: 'A replica that goes away in the middle of its snapshot may ask again.',
  role: 'master',
  steps: [
    ask('SET k v', 'RPUSH l a b c'),
    connect(),
    handshake(),
    psync('r1', '?', -1),
    cut('r1', 'reset'),
    until('rdb_bgsave_in_progress', 0),
    until('connected_slaves', 0),
    ask('SET k w'),
    sync('r2'),
    ask('SET k x'),
    look('info', 'stats'),
  ],
  tolerances: [
    { kind: 'snapshot-begin', reason: 'how much of it comes before the cut is chance' },
    { kind: 'snapshot-aux', reason: 'how much of it comes before the cut is chance' },
    { kind: 'snapshot-key', reason: 'how much of it comes before the cut is chance' },
    { kind: 'snapshot-end', reason: 'how much of it comes before the cut is chance' },
    { kind: 'closed', field: 'during', reason: 'how much of it comes before the cut is chance' },
  ],
})
