/** A scenario for a replica: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { accept, adopt, cut, look, stream, tell, until } from '../../step.ts'
import { SMALL } from '../datasets.ts'

export const behaviourDatabaseRemembered = scenario({
  name: 'behaviour/database-remembered',
  teaches: 'After CONTINUE the database is the one that was selected when the link was lost.',
  role: 'replica',
  steps: [
    adopt(SMALL),
    stream('m1', 'SELECT 7', 'SET k v'),
    cut('m1'),
    accept(),
    tell('m1', '+CONTINUE'),
    until('master_link_status', 'up'),
    stream('m1', 'SET j w'),
    look('dataset'),
  ],
})
