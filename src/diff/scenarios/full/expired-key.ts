/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, look, pause, sync } from '../../step.ts'

export const fullExpiredKey = scenario({
  name: 'full/expired-key',
  teaches: 'A key that is over but not yet deleted stands in the snapshot; its DEL follows.',
  role: 'master',
  steps: [
    ask('DEBUG SET-ACTIVE-EXPIRE 0', 'SET k v PX 30', 'SET stay v'),
    pause(100),
    sync(),
    ask('GET k'),
    look('dataset'),
  ],
})
