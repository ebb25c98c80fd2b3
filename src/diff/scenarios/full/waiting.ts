/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, connect, handshake, hear, look, saySilently, takeAll } from '../../step.ts'

export const fullWaiting = scenario({
  name: 'full/waiting',
  teaches: 'Who waits for a snapshot is told that the master is alive.',
  role: 'master',
  config: { 'repl-diskless-sync-delay': 600 },
  steps: [
    connect(),
    handshake(),
    saySilently('r1', 'PSYNC ? -1'),
    hear('r1', { kind: 'heartbeat' }),
    look('info'),
    ask('CONFIG SET repl-diskless-sync-delay 0'),
    takeAll(),
    ask('SET k v'),
  ],
})
