/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { acknowledge, ask, hear, look, reply, send, sync } from '../../step.ts'

export const streamWait = scenario({
  name: 'stream/wait',
  teaches: 'WAIT asks for ACKs when they are late, and counts who has acknowledged.',
  role: 'master',
  steps: [
    sync(),
    ask('WAIT 0 100', 'SET k v'),
    send('client', 'WAIT 1 3000'),
    hear('r1', { kind: 'getack' }),
    acknowledge(),
    reply('client'),
    ask('WAIT 1 100', 'SET k w', 'WAIT 1 60', 'WAIT 2 60', 'WAIT 1 -1', 'WAIT x 1'),
    look('info'),
  ],
})
