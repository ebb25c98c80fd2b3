/** Scenario full/empty, master. An empty dataset is a snapshot too: header and end. */
import { scenario } from '../../scenario.ts'
import { look, sync } from '../../step.ts'

export const fullEmptyMaster = scenario({
  name: 'full/empty',
  teaches: 'An empty dataset is a snapshot too: header and end.',
  role: 'master',
  steps: [sync(), look('info')],
})
