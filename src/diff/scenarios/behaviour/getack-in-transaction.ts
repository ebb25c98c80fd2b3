/** A scenario for a replica: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { adopt, hear, look, pause, seen, stream, streamUnapplied } from '../../step.ts'
import { SMALL } from '../datasets.ts'

export const behaviourGetackInTransaction = scenario({
  name: 'behaviour/getack-in-transaction',
  teaches: 'Within a transaction GETACK is answered with what stood before it.',
  role: 'replica',
  steps: [
    adopt(SMALL),
    stream('m1', 'SELECT 0', 'SET k v'),
    streamUnapplied('m1', ['MULTI', 'SET k w']),
    pause(60),
    look('info'),
    streamUnapplied('m1', ['EXEC']),
    hear('m1', { kind: 'ack', offset: seen() }, 2500),
    look('info'),
  ],
})
