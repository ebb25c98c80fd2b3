/** A scenario for a replica: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { accept, adopt, cut, getack, look, stream, tell, until } from '../../step.ts'
import { SMALL } from '../datasets.ts'

export const partialAfterLostLink = scenario({
  name: 'partial/after-lost-link',
  teaches: 'After a lost link the replica asks for the byte behind its last.',
  role: 'replica',
  steps: [
    adopt(SMALL),
    stream('m1', 'SELECT 2', 'SET k v'),
    cut('m1'),
    accept(),
    tell('m1', '+CONTINUE'),
    until('master_link_status', 'up'),
    stream('m1', 'SET k w'),
    getack(),
    look('info', 'dataset'),
  ],
})
