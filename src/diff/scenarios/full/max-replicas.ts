/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import {
  acknowledge,
  ask,
  connect,
  handshake,
  look,
  psync,
  saySilently,
  snapshot,
  takeAll,
} from '../../step.ts'

export const fullMaxReplicas = scenario({
  name: 'full/max-replicas',
  teaches: 'As soon as so many replicas wait, the delay is over.',
  role: 'master',
  config: { 'repl-diskless-sync-delay': 60, 'repl-diskless-sync-max-replicas': 2 },
  steps: [
    connect('r1'),
    handshake('r1', 7001),
    saySilently('r1', 'PSYNC ? -1'),
    connect('r2'),
    handshake('r2', 7002),
    psync('r2', '?', -1),
    takeAll('r2'),
    snapshot('r1'),
    acknowledge('r1'),
    ask('SET k w'),
    look('role'),
  ],
})
