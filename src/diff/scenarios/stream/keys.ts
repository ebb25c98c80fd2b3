/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, look, sync } from '../../step.ts'

export const streamKeys = scenario({
  name: 'stream/keys',
  teaches: 'Keys are renamed, copied, moved, sorted, deleted.',
  role: 'master',
  steps: [
    sync(),
    ask(
      'SET a 1',
      'SET b 2 EX 1000',
      'RENAME a c',
      'RENAMENX c b',
      'COPY b d',
      'COPY b d',
      'COPY b d REPLACE',
      'MOVE c 1',
      'MOVE c 1',
      'DEL b none',
      'UNLINK d',
      'RPUSH l 3 1 2',
      'SORT l STORE sorted',
      'SORT l BY nosort GET # STORE d',
      'DEL l sorted d',
      'TOUCH none',
      'SELECT 1',
      'MOVE c 0',
    ),
    look('dataset'),
  ],
})
