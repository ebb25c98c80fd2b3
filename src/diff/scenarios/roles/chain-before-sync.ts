/** A scenario for a replica: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { accept, connect, handshake, look, say } from '../../step.ts'

export const rolesChainBeforeSync = scenario({
  name: 'roles/chain-before-sync',
  teaches: 'Who has no master to offer yet refuses to be one.',
  role: 'replica',
  steps: [accept(), connect('r1'), handshake('r1'), say('r1', 'PSYNC ? -1'), look('info')],
})
