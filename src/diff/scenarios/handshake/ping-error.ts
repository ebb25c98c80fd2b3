/** A scenario for a replica: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { accept, hear, look } from '../../step.ts'

export const handshakePingError = scenario({
  name: 'handshake/ping-error',
  teaches: 'A master that answers PING with an unknown error is left and asked again.',
  role: 'replica',
  steps: [
    accept('m1', { upTo: 'PING', answers: { PING: '-ERR not today' } }),
    hear('m1', { kind: 'closed' }),
    accept(),
    look('role'),
  ],
})
