/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, comeBack, cut, sync } from '../../step.ts'

export const partialUpperCaseId = scenario({
  name: 'partial/upper-case-id',
  teaches: 'Ids are compared without regard to case; the answer has the small letters.',
  role: 'master',
  steps: [sync(), ask('SET k v'), cut(), comeBack('r1', 'upper'), ask('SET k w')],
})
