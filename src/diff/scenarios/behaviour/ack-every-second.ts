/** A scenario for a replica: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { adopt, hear, seen, stream } from '../../step.ts'
import { SMALL } from '../datasets.ts'

export const behaviourAckEverySecond = scenario({
  name: 'behaviour/ack-every-second',
  teaches: 'A replica acknowledges every second, whether there is news or not.',
  role: 'replica',
  steps: [
    adopt(SMALL),
    hear('m1', { kind: 'ack', offset: 100 }, 3000),
    hear('m1', { kind: 'ack', offset: 100 }, 3000),
    hear('m1', { kind: 'ack', offset: 100 }, 3000),
    stream('m1', 'SELECT 0'),
    hear('m1', { kind: 'ack', offset: seen() }, 3000),
  ],
})
