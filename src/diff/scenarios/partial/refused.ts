/** A scenario for a replica: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { accept, adopt, cut, give, look, OTHER_HISTORY, stream, tell, until } from '../../step.ts'
import { OTHER, SMALL } from '../datasets.ts'

export const partialRefused = scenario({
  name: 'partial/refused',
  teaches: 'A full resync in answer: the old data goes, the old id is forgotten.',
  role: 'replica',
  steps: [
    adopt(SMALL),
    stream('m1', 'SELECT 0', 'SET k v'),
    cut('m1'),
    accept(),
    tell('m1', `+FULLRESYNC ${OTHER_HISTORY} 50`),
    give('m1', OTHER),
    until('master_repl_offset', 50),
    until('master_link_status', 'up'),
    look('info', 'dataset'),
  ],
})
