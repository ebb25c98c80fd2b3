/** A scenario for a replica: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { adopt, getack, look, stream } from '../../step.ts'
import { EVERY_TYPE } from '../datasets.ts'

export const fullByLength = scenario({
  name: 'full/by-length',
  teaches: 'A snapshot by length is taken like one by mark.',
  role: 'replica',
  steps: [
    adopt(EVERY_TYPE, { framing: 'length', offset: 7 }),
    stream('m1', 'SELECT 3', 'SET k v'),
    getack(),
    look('info', 'digest'),
  ],
})
