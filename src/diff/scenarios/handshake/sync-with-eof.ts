/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, connect, hear, say, saySilently, snapshot, until } from '../../step.ts'

export const handshakeSyncWithEof = scenario({
  name: 'handshake/sync-with-eof',
  teaches: 'After capa eof SYNC too is served without a disk.',
  role: 'master',
  steps: [
    ask('SET k v'),
    connect(),
    say('r1', 'REPLCONF capa eof'),
    saySilently('r1', 'SYNC'),
    snapshot(),
    until('rdb_bgsave_in_progress', 0),
    saySilently('r1', 'REPLCONF ACK 0'),
    ask('SET k w'),
    hear('r1', { kind: 'command', name: 'SET' }),
  ],
})
