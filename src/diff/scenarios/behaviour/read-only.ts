/** A scenario for a replica: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { adopt, ask, look } from '../../step.ts'
import { SMALL } from '../datasets.ts'

export const behaviourReadOnly = scenario({
  name: 'behaviour/read-only',
  teaches: 'A replica refuses writes, in its words, and serves reads.',
  role: 'replica',
  steps: [
    adopt(SMALL),
    ask(
      'SET k v',
      'DEL none',
      'FLUSHALL',
      'EXPIRE a 100',
      'MULTI',
      'SET k v',
      'EXEC',
      'BLPOP l 1',
      'GET a',
      'PUBLISH c m',
      'PFCOUNT none',
      'SORT none STORE d',
      'CONFIG GET replica-read-only',
      'DBSIZE',
    ),
    look('info'),
  ],
})
