/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, connect, look, psync, say, takeAll } from '../../step.ts'

export const fullFilterFunctions = scenario({
  name: 'full/filter-functions',
  teaches: 'rdb-filter-only functions: no keys in the snapshot, and the stream as ever.',
  role: 'master',
  steps: [
    ask('SET k v'),
    connect(),
    say('r1', 'REPLCONF capa eof rdb-filter-only functions'),
    psync('r1', '?', -1),
    takeAll(),
    ask('SET k w'),
    look('info'),
  ],
})
