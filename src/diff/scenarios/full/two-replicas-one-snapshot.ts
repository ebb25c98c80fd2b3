/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import {
  acknowledge,
  ask,
  connect,
  handshake,
  look,
  saySilently,
  snapshot,
  takeAll,
  until,
} from '../../step.ts'

export const fullTwoReplicasOneSnapshot = scenario({
  name: 'full/two-replicas-one-snapshot',
  teaches: 'Replicas that wait together share a snapshot, its offset and its mark.',
  role: 'master',
  config: { 'repl-diskless-sync-delay': 600 },
  steps: [
    ask('SET k v'),
    connect('r1'),
    handshake('r1', 7001),
    saySilently('r1', 'PSYNC ? -1'),
    connect('r2'),
    handshake('r2', 7002),
    saySilently('r2', 'PSYNC ? -1'),
    until('connected_slaves', 2),
    ask('CONFIG SET repl-diskless-sync-delay 0'),
    takeAll('r2'),
    snapshot('r1'),
    acknowledge('r1'),
    ask('SET k w'),
    look('info', 'role', 'stats'),
  ],
})
