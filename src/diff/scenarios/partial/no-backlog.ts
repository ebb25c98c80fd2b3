/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, connect, handshake, look, psync, takeAll } from '../../step.ts'

export const partialNoBacklog = scenario({
  name: 'partial/no-backlog',
  teaches: 'A master that never had a replica grants nothing, whatever id it shows.',
  role: 'master',
  steps: [
    ask('SET k v'),
    connect(),
    handshake(),
    psync('r1', 'current', 1),
    takeAll(),
    look('info', 'stats'),
  ],
})
