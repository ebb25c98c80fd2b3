/** A scenario for a replica: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import {
  accept,
  adopt,
  comeBack,
  cut,
  hear,
  look,
  OTHER_HISTORY,
  settle,
  stream,
  sync,
  tell,
  until,
} from '../../step.ts'
import { SMALL } from '../datasets.ts'

export const rolesChainNewId = scenario({
  name: 'roles/chain-new-id',
  teaches: 'When the history above gets a new name, those below are sent away, and go on with the old one.',
  role: 'replica',
  steps: [
    adopt(SMALL),
    sync('r1', 7001),
    stream('m1', 'SELECT 0', 'SET k v'),
    settle(),
    cut('m1'),
    accept(),
    tell('m1', `+CONTINUE ${OTHER_HISTORY}`),
    hear('r1', { kind: 'closed' }),
    until('master_link_status', 'up'),
    comeBack('r1'),
    stream('m1', 'SET k w'),
    settle(),
    look('info'),
  ],
})
