/** A scenario for a replica: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { accept, adopt, cut, look, openDoor, pause, shutDoor, tell, until } from '../../step.ts'
import { SMALL } from '../datasets.ts'

export const behaviourMasterAway = scenario({
  name: 'behaviour/master-away',
  teaches: 'Nobody listens there: the replica tries again until somebody does.',
  role: 'replica',
  steps: [
    adopt(SMALL),
    shutDoor('m1'),
    cut('m1'),
    until('master_link_status', 'down'),
    pause(1200),
    look('info'),
    openDoor('m1'),
    accept(),
    tell('m1', '+CONTINUE'),
    until('master_link_status', 'up'),
  ],
})
