/** A scenario for a replica: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { accept, hear, look, tell } from '../../step.ts'

export const handshakeNoMasterLink = scenario({
  name: 'handshake/no-master-link',
  teaches: 'NOMASTERLINK to PSYNC: asked again later, with the same words.',
  role: 'replica',
  steps: [
    accept(),
    tell('m1', '-NOMASTERLINK Cannot SYNC while not connected with my master'),
    hear('m1', { kind: 'closed' }),
    accept(),
    look('info'),
  ],
})
