/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, look } from '../../step.ts'

export const rolesReplicaofErrors = scenario({
  name: 'roles/replicaof-errors',
  teaches: 'REPLICAOF with wrong words.',
  role: 'master',
  steps: [
    ask(
      'REPLICAOF 127.0.0.1 abc',
      'REPLICAOF 127.0.0.1 99999',
      'REPLICAOF 127.0.0.1 0',
      'REPLICAOF 127.0.0.1',
      'REPLICAOF NO',
      'REPLICAOF NO ONE',
      'SLAVEOF NO ONE',
    ),
    look('info', 'role'),
  ],
})
