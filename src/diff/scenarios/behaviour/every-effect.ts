/** A scenario for a replica: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { adopt, getack, look, stream } from '../../step.ts'
import { EVERY_TYPE } from '../datasets.ts'

export const behaviourEveryEffect = scenario({
  name: 'behaviour/every-effect',
  teaches: 'The rewritten forms that only masters say are understood.',
  role: 'replica',
  steps: [
    adopt(EVERY_TYPE),
    stream(
      'm1',
      'SELECT 0',
      'SET s v PXAT 4102444800000',
      'PEXPIREAT text 4102444800000',
      'SET n 1.5 KEEPTTL',
      'SREM set x',
      'zadd geo 3479099956230698 P',
      'XADD stream 5-1 f v',
      'XTRIM stream MAXLEN = 2',
      'XGROUP CREATE stream g 0',
      'XCLAIM stream g c 0 5-1 TIME 1000000000000 RETRYCOUNT 3 FORCE JUSTID LASTID 5-1',
      'XGROUP SETID stream g 5-1 ENTRIESREAD 2',
      'LPOP list 2',
      'ZPOPMIN zset 1',
      'MULTI',
      'INCR number',
      'SELECT 3',
      'SET k v',
      'EXEC',
      'SET same-db v',
      'SWAPDB 0 3',
      'COPY elsewhere copied',
      'SETRANGE binary 1 zz',
      'PFADD hll a',
      'HSET hash g 8',
      'UNLINK long',
    ),
    getack(),
    look('info', 'dataset', 'digest'),
  ],
})
