/** A scenario for a replica: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { accept, adopt, ask, hear, look, OTHER_HISTORY, stream, tell, until } from '../../step.ts'
import { SMALL } from '../datasets.ts'

export const partialOtherMaster = scenario({
  name: 'partial/other-master',
  teaches: 'A history goes on with another master that knows it.',
  role: 'replica',
  steps: [
    adopt(SMALL),
    stream('m1', 'SELECT 0', 'SET k v'),
    ask('REPLICAOF 127.0.0.1 {m2.port}'),
    hear('m1', { kind: 'closed' }),
    accept('m2'),
    tell('m2', `+CONTINUE ${OTHER_HISTORY}`),
    until('master_link_status', 'up'),
    look('info'),
  ],
})
