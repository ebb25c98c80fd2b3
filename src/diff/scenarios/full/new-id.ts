/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, cut, look, sync } from '../../step.ts'

export const fullNewId = scenario({
  name: 'full/new-id',
  teaches: 'The first replica ever gives the history a new id; later ones find it.',
  role: 'master',
  steps: [look('info'), sync(), look('info'), cut(), ask('SET k v'), sync('r2'), look('info')],
})
