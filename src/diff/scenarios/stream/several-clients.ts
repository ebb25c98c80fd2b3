/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, askAs, look, sync } from '../../step.ts'

export const streamSeveralClients = scenario({
  name: 'stream/several-clients',
  teaches: 'Commands of clients in different databases stand in one order.',
  role: 'master',
  steps: [
    sync(),
    ask('SELECT 1', 'SET a 1'),
    askAs('other', 'SELECT 2', 'SET a 2'),
    ask('SET a 3'),
    askAs('other', 'SET a 4'),
    askAs('third', 'SET a 5'),
    ask('INCR a'),
    look('dataset'),
  ],
})
