/** A scenario for a replica: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { accept, adopt, getack, look, restart, stream, tell, until } from '../../step.ts'
import { SMALL } from '../datasets.ts'

export const rolesRestartReplica = scenario({
  name: 'roles/restart-replica',
  teaches: 'A replica that is started again with its snapshot asks to go on.',
  role: 'replica',
  steps: [
    adopt(SMALL),
    stream('m1', 'SELECT 2', 'SET k v'),
    getack(),
    restart('save'),
    accept('m1', { within: 8000 }),
    tell('m1', '+CONTINUE'),
    until('master_link_status', 'up'),
    stream('m1', 'SET k w'),
    look('info', 'dataset'),
  ],
})
