/** A scenario for a replica: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { adopt, getack, look } from '../../step.ts'
import { EVERY_TYPE } from '../datasets.ts'

export const fullEveryTypeReplica = scenario({
  name: 'full/every-type',
  teaches: 'A snapshot with every type is loaded as it is.',
  role: 'replica',
  steps: [adopt(EVERY_TYPE), getack(), look('info', 'dataset', 'digest')],
})
