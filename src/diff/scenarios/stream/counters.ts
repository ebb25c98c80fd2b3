/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, look, sync } from '../../step.ts'

export const streamCounters = scenario({
  name: 'stream/counters',
  teaches: 'INCRBYFLOAT and HINCRBYFLOAT are propagated as their result; the others as they were said.',
  role: 'master',
  steps: [
    sync(),
    ask(
      'SET n 00012',
      'SET n 1',
      'INCR n',
      'INCRBY n 0',
      'DECRBY n 5',
      'INCRBYFLOAT n 0.1',
      'INCRBYFLOAT n 1e3',
      'INCRBYFLOAT fresh 3.0',
      'incrbyfloat fresh 1',
      'SET e 1 EX 100',
      'INCRBYFLOAT e 1.5',
      'HINCRBY h f 3',
      'HINCRBYFLOAT h f 0.5',
      'HINCRBYFLOAT h g 10',
      'APPEND a x',
      'APPEND a ""',
      'SETRANGE a 5 y',
      'SETRANGE none 0 ""',
      'INCR a',
    ),
    look('dataset'),
  ],
})
