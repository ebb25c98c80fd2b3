/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { look, sync } from '../../step.ts'

export const fullEmptyMaster = scenario({
  name: 'full/empty',
  teaches: 'An empty dataset is a snapshot too: header and end.',
  role: 'master',
  steps: [sync(), look('info')],
})
