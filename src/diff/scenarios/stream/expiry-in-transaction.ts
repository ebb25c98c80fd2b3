/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, look, pause, sync } from '../../step.ts'

export const streamExpiryInTransaction = scenario({
  name: 'stream/expiry-in-transaction',
  teaches: 'A key that is over, met inside a transaction.',
  role: 'master',
  steps: [
    sync(),
    ask('DEBUG SET-ACTIVE-EXPIRE 0', 'SET a v PX 30'),
    pause(120),
    ask('MULTI', 'GET a', 'SET b 1', 'EXEC'),
    look('dataset'),
  ],
})
