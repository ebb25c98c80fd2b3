/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, comeBack, cut, look, sync } from '../../step.ts'

export const partialNothingMissed = scenario({
  name: 'partial/nothing-missed',
  teaches: 'Who missed nothing gets CONTINUE and then what is new; the database is the one it was in.',
  role: 'master',
  steps: [sync(), ask('SELECT 5', 'SET k v'), cut(), comeBack(), ask('SET k w'), look('info', 'stats')],
})
