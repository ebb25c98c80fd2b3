/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, askAs, sync } from '../../step.ts'

export const streamWatch = scenario({
  name: 'stream/watch',
  teaches: 'A transaction that WATCH stopped leaves no trace.',
  role: 'master',
  steps: [
    sync(),
    ask('SET w 1', 'WATCH w'),
    askAs('other', 'SET w 2'),
    ask('MULTI', 'SET a 1', 'EXEC', 'WATCH w', 'MULTI', 'SET a 1', 'SET b 1', 'EXEC'),
  ],
})
