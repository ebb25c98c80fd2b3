/** A scenario for a replica: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { adopt, ask, stream } from '../../step.ts'
import { SMALL } from '../datasets.ts'

export const behaviourExpiredOnTheStream = scenario({
  name: 'behaviour/expired-on-the-stream',
  teaches: 'A key that is over is hidden from readers, and there for its master.',
  role: 'replica',
  steps: [
    adopt(SMALL),
    stream('m1', 'SELECT 0', 'SET k 10 PXAT 1000000000000'),
    ask('GET k', 'EXISTS k', 'TTL k', 'DBSIZE', 'KEYS *'),
    stream('m1', 'INCR k', 'PERSIST k'),
    ask('GET k'),
    stream('m1', 'PEXPIREAT k 1'),
    ask('GET k', 'DBSIZE'),
    stream('m1', 'DEL k'),
    ask('DBSIZE'),
  ],
})
