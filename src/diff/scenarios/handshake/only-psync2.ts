/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, connect, cut, psync, say, seen, takeAll } from '../../step.ts'

export const handshakeOnlyPsync2 = scenario({
  name: 'handshake/only-psync2',
  teaches: 'Without capa eof the snapshot has a length, with psync2 CONTINUE has an id.',
  role: 'master',
  steps: [
    connect(),
    say('r1', 'REPLCONF capa psync2'),
    psync('r1', '?', -1),
    takeAll(),
    ask('SET k w'),
    cut(),
    connect(),
    say('r1', 'REPLCONF capa psync2'),
    psync('r1', 'learned', seen(1)),
    ask('SET k x'),
  ],
})
