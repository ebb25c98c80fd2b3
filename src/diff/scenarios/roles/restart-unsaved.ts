/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { acknowledge, ask, comeBack, cut, look, restart, sync, takeAll } from '../../step.ts'

export const rolesRestartUnsaved = scenario({
  name: 'roles/restart-unsaved',
  teaches: 'A master that is started again without one begins anew: its replicas lose what it lost.',
  role: 'master',
  steps: [
    sync(),
    ask('SET k v'),
    acknowledge(),
    cut(),
    restart('nosave'),
    look('info'),
    comeBack(),
    takeAll(),
    ask('SET k w'),
    look('info', 'stats', 'dataset'),
  ],
})
