/** A scenario for a replica: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { accept, give, HISTORY, look, pause, tell } from '../../step.ts'
import { SMALL } from '../datasets.ts'

export const fullNewerVersion = scenario({
  name: 'full/newer-version',
  teaches: 'A snapshot of a version to come is refused, and asked for again.',
  role: 'replica',
  steps: [
    accept(),
    tell('m1', `+FULLRESYNC ${HISTORY} 0`),
    give('m1', SMALL, { version: 12 }),
    pause(300),
    look('role', 'dataset'),
  ],
  tolerances: [
    {
      kind: 'role',
      field: 'reply.3',
      reason: 'connected where the version is known; where it is not, it depends on the moment',
    },
    {
      kind: 'role',
      field: 'reply.4',
      reason: 'connected where the version is known; where it is not, it depends on the moment',
    },
    { kind: 'ack', reason: 'said only where the version is known' },
  ],
})
