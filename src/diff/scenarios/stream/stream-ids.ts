/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, look, sync } from '../../step.ts'

export const streamStreamIds = scenario({
  name: 'stream/stream-ids',
  teaches: 'XADD *: the id that was given is what is propagated.',
  role: 'master',
  steps: [sync(), ask('XADD x * f v', 'xadd y * f v MORE w', 'XADD z MAXLEN ~ 5 * f v'), look('dataset')],
})
