/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, connect, psync, say, takeAll } from '../../step.ts'

export const handshakeUnknownCapability = scenario({
  name: 'handshake/unknown-capability',
  teaches: 'Capabilities that a master does not know are accepted and ignored.',
  role: 'master',
  steps: [
    connect(),
    say('r1', 'REPLCONF capa eof capa psync2 capa time-travel'),
    psync('r1', '?', -1),
    takeAll(),
    ask('SET k v'),
  ],
})
