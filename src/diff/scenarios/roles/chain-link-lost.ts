/** A scenario for a replica: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import {
  accept,
  adopt,
  connect,
  cut,
  handshake,
  look,
  openDoor,
  say,
  settle,
  shutDoor,
  stream,
  sync,
  tell,
  until,
} from '../../step.ts'
import { SMALL } from '../datasets.ts'

export const rolesChainLinkLost = scenario({
  name: 'roles/chain-link-lost',
  teaches: 'While its own link is down, a replica keeps those below it, and refuses new ones.',
  role: 'replica',
  steps: [
    adopt(SMALL),
    sync('r1', 7001),
    shutDoor('m1'),
    cut('m1'),
    until('master_link_status', 'down'),
    connect('r2'),
    handshake('r2', 7002),
    say('r2', 'PSYNC ? -1'),
    cut('r2'),
    openDoor('m1'),
    accept(),
    tell('m1', '+CONTINUE'),
    until('master_link_status', 'up'),
    stream('m1', 'SELECT 0', 'SET k v'),
    settle(),
    look('info'),
  ],
})
