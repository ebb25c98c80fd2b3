/** A scenario for a replica: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { accept, adopt, getack, look, restart, stream } from '../../step.ts'
import { SMALL } from '../datasets.ts'

export const rolesRestartReplicaUnsaved = scenario({
  name: 'roles/restart-replica-unsaved',
  teaches: 'A replica that is started again without one asks for everything.',
  role: 'replica',
  steps: [
    adopt(SMALL),
    stream('m1', 'SELECT 2', 'SET k v'),
    getack(),
    restart('nosave'),
    accept('m1', { within: 8000 }),
    look('role'),
  ],
})
