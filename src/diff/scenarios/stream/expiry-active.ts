/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, hear, look, sync } from '../../step.ts'

export const streamExpiryActive = scenario({
  name: 'stream/expiry-active',
  teaches: 'Nobody need meet it: the expiry cycle deletes it too.',
  role: 'master',
  steps: [
    sync(),
    ask('SET a v PX 40'),
    hear('r1', { kind: 'command', name: 'DEL' }),
    ask('SET b v'),
    look('info', 'dataset'),
  ],
})
