/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { acknowledge, ask, comeBack, cut, look, restart, sync } from '../../step.ts'

export const rolesRestartSaved = scenario({
  name: 'roles/restart-saved',
  teaches: 'A master that is started again with its snapshot goes on with its history under a new id.',
  role: 'master',
  steps: [
    sync(),
    ask('SELECT 3', 'SET k v'),
    acknowledge(),
    cut(),
    restart('save'),
    look('info'),
    comeBack(),
    ask('SELECT 0', 'SET k w'),
    look('info', 'stats'),
  ],
})
