/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, connect, hear, look, raw, snapshot } from '../../step.ts'

export const handshakeSyncInline = scenario({
  name: 'handshake/sync-inline',
  teaches: 'SYNC as replicas of old say it: no reply line, a snapshot, the stream, no ACKs.',
  role: 'master',
  steps: [
    ask('SET k v'),
    connect(),
    raw('r1', 'SYNC\r\n', 0),
    snapshot(),
    ask('SET k w'),
    hear('r1', { kind: 'command', name: 'SET' }),
    look('info', 'role'),
  ],
})
