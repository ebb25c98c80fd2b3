/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { acknowledge, ask, look, reply, send, sync } from '../../step.ts'

export const behaviourPausedClients = scenario({
  name: 'behaviour/paused-clients',
  teaches: 'CLIENT PAUSE stops writing clients, not the link.',
  role: 'master',
  steps: [
    sync(),
    ask('CLIENT PAUSE 60000 WRITE'),
    send('other', 'SET k v'),
    acknowledge(),
    look('role'),
    ask('GET k', 'CLIENT UNPAUSE'),
    reply('other'),
    ask('GET k'),
    look('dataset'),
  ],
})
