/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { acknowledge, ask, look, seen, sync } from '../../step.ts'

export const streamAcks = scenario({
  name: 'stream/acks',
  teaches: 'What a replica acknowledges stands in INFO; less than before is ignored.',
  role: 'master',
  steps: [
    sync(),
    ask('SET k v'),
    acknowledge(),
    look('info', 'role'),
    acknowledge('r1', 5),
    ask('SET k w'),
    acknowledge('r1', 5),
    look('role'),
    acknowledge('r1', seen(1000)),
    look('role'),
  ],
})
