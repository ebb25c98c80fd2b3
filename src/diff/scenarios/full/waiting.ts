/** Scenario full/waiting, master. Who waits for a snapshot is told that the master is alive. */
import { scenario } from '../../scenario.ts'
import { ask, connect, handshake, hear, look, saySilently, takeAll } from '../../step.ts'

export const fullWaiting = scenario({
  name: 'full/waiting',
  teaches: 'Who waits for a snapshot is told that the master is alive.',
  role: 'master',
  config: { 'repl-diskless-sync-delay': 2 },
  steps: [
    connect(),
    handshake(),
    saySilently('r1', 'PSYNC ? -1'),
    hear('r1', { kind: 'heartbeat' }, 2500),
    look('info'),
    takeAll(),
    ask('SET k v'),
  ],
})
