/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, look, sync } from '../../step.ts'

export const fullLateReplica = scenario({
  name: 'full/late-replica',
  teaches:
    'A second replica comes later: its offset is where the first stands, and SELECT is said to both again.',
  role: 'master',
  steps: [
    ask('SET k v'),
    sync('r1', 7001),
    ask('SET k w'),
    sync('r2', 7002),
    ask('SET k x', 'SELECT 4', 'SET k y'),
    look('info', 'role'),
  ],
})
