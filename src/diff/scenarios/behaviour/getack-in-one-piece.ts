/** A scenario for a replica: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { adopt, hear, look, streamUnapplied } from '../../step.ts'
import { SMALL } from '../datasets.ts'

export const behaviourGetackInOnePiece = scenario({
  name: 'behaviour/getack-in-one-piece',
  teaches: 'GETACK in one piece with what stands before and behind it: all before it counts.',
  role: 'replica',
  steps: [
    adopt(SMALL),
    streamUnapplied('m1', ['SELECT 0', 'SET k v', 'INCR n', 'REPLCONF GETACK *', 'SET k w']),
    hear('m1', { kind: 'ack', offset: 101 }),
    look('info'),
  ],
})
