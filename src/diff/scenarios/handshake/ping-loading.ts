/** A scenario for a replica: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { accept, hear } from '../../step.ts'

export const handshakePingLoading = scenario({
  name: 'handshake/ping-loading',
  teaches: 'A master that is loading is left and asked again.',
  role: 'replica',
  steps: [
    accept('m1', { upTo: 'PING', answers: { PING: '-LOADING Redis is loading the dataset in memory' } }),
    hear('m1', { kind: 'closed' }),
    accept(),
  ],
})
