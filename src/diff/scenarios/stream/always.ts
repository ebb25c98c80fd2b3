/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, sync } from '../../step.ts'

export const streamAlways = scenario({
  name: 'stream/always',
  teaches: 'Some commands are propagated although nothing is different afterwards.',
  role: 'master',
  steps: [
    sync(),
    ask(
      'SET s v',
      'SET s v',
      'HSET h f v',
      'HSET h f v',
      'RPUSH l a',
      'LSET l 0 a',
      'INCRBY n 0',
      'SETRANGE s 0 v',
      'APPEND s ""',
      'SWAPDB 0 0',
      'SWAPDB 5 6',
      'FLUSHDB',
      'FLUSHALL',
      'PUBLISH c m',
      'PFMERGE q',
      'SET s v',
      'PEXPIREAT s 4102444800000',
      'PEXPIREAT s 4102444800000',
      'XADD x 5-1 f v',
      'XSETID x 5-1',
      'XGROUP CREATE x g $',
      'XGROUP SETID x g $',
    ),
  ],
})
