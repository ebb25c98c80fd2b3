/** A scenario for a replica: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { adopt, ask, look } from '../../step.ts'
import { SMALL } from '../datasets.ts'

export const rolesDemotion = scenario({
  name: 'roles/demotion',
  teaches: 'A master that is made a replica offers its own history, and drops its data for the new one.',
  role: 'replica',
  config: { replicaof: 'none' },
  steps: [
    ask('SET mine 1'),
    look('info'),
    ask('REPLICAOF 127.0.0.1 {m1.port}'),
    adopt(SMALL),
    look('info', 'role', 'dataset'),
  ],
})
