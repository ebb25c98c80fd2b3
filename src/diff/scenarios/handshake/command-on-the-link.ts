/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, hear, saySilently, sync } from '../../step.ts'

export const handshakeCommandOnTheLink = scenario({
  name: 'handshake/command-on-the-link',
  teaches: 'A replica that asks for data on its link is not answered.',
  role: 'master',
  steps: [sync(), ask('SET k v'), saySilently('r1', 'SET k w'), hear('r1', { kind: 'closed' }), ask('GET k')],
})
