/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, look, sync } from '../../step.ts'

export const fullEveryTypeMaster = scenario({
  name: 'full/every-type',
  teaches: 'A key of every type and encoding, as the snapshot has it.',
  role: 'master',
  steps: [
    ask(
      'SET s text',
      'SET n 12345',
      'SET neg -1',
      `SET long ${'abc'.repeat(50)}`,
      'APPEND raw x',
      'SETRANGE gap 5 x',
      'SETBIT bits 70 1',
      'RPUSH list a b 1',
      `RPUSH big ${'y'.repeat(9000)} z`,
      'SADD ints 1 2 70000',
      'SADD words a b',
      'HSET h f v g 7',
      `HSET wide f ${'w'.repeat(100)}`,
      'ZADD z 1 a 2.5 b -inf c',
      `ZADD wide-z 1 ${'w'.repeat(100)}`,
      'PFADD hll a b c',
      'GEOADD geo 13.361389 38.115556 Palermo',
      'XADD x 1-1 f v',
      'XADD x 2-0 f w g x',
      'XGROUP CREATE x g 0',
      'XREADGROUP GROUP g c COUNT 1 STREAMS x >',
      'XGROUP CREATE empty g $ MKSTREAM',
      'SET "" empty',
      'SET "\\x00\\xff" binary',
    ),
    sync(),
    look('digest'),
  ],
})
