/** A scenario for a replica: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { accept, give, HISTORY, look, pause, tell, until } from '../../step.ts'
import { SMALL } from '../datasets.ts'

export const handshakeHeartbeats = scenario({
  name: 'handshake/heartbeats',
  teaches: 'Newlines before the answer and before the snapshot mean: wait.',
  role: 'replica',
  steps: [
    accept(),
    tell('m1', '\n'),
    tell('m1', '\n'),
    pause(50),
    tell('m1', `+FULLRESYNC ${HISTORY} 5`),
    tell('m1', '\n'),
    pause(50),
    tell('m1', '\n'),
    give('m1', SMALL, { framing: 'length' }),
    until('master_link_status', 'up'),
    look('info'),
  ],
})
