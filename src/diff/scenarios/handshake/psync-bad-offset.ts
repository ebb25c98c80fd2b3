/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { connect, handshake, look, say } from '../../step.ts'

export const handshakePsyncBadOffset = scenario({
  name: 'handshake/psync-bad-offset',
  teaches: 'An offset that is no number.',
  role: 'master',
  steps: [
    connect(),
    handshake(),
    say('r1', 'PSYNC ? abc', 'PSYNC ? 1.5', 'PSYNC ? 99999999999999999999'),
    look('stats'),
  ],
})
