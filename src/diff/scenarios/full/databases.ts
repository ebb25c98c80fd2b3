/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, look, sync } from '../../step.ts'

export const fullDatabases = scenario({
  name: 'full/databases',
  teaches: 'Several databases, keys with expiries, sizes.',
  role: 'master',
  steps: [
    ask(
      'SET a 1',
      'SELECT 3',
      'SET b 2 PXAT 4102444800000',
      'SELECT 15',
      'RPUSH l x',
      'EXPIREAT l 4102444800',
      'SELECT 0',
    ),
    sync(),
    look('dataset', 'digest'),
  ],
})
