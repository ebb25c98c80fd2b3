/** A scenario for a replica: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import {
  accept,
  adopt,
  comeBack,
  cut,
  give,
  hear,
  look,
  OTHER_HISTORY,
  settle,
  stream,
  sync,
  takeAll,
  tell,
  until,
} from '../../step.ts'
import { OTHER, SMALL } from '../datasets.ts'

export const rolesChainFull = scenario({
  name: 'roles/chain-full',
  teaches: 'When the replica itself needs everything, those below do too.',
  role: 'replica',
  steps: [
    adopt(SMALL),
    sync('r1', 7001),
    cut('m1'),
    accept(),
    tell('m1', `+FULLRESYNC ${OTHER_HISTORY} 20`),
    give('m1', OTHER),
    hear('r1', { kind: 'closed' }),
    until('master_repl_offset', 20),
    until('master_link_status', 'up'),
    comeBack('r1'),
    takeAll('r1'),
    stream('m1', 'SELECT 0', 'SET k w'),
    settle(),
    look('info'),
  ],
})
