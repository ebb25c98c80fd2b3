/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, connect, hear, psync, say, snapshot } from '../../step.ts'

export const fullFilterNothing = scenario({
  name: 'full/filter-nothing',
  teaches: 'rdb-filter-only "": a snapshot of header fields.',
  role: 'master',
  steps: [
    ask('SET k v'),
    connect(),
    say('r1', 'REPLCONF capa eof rdb-only 1 rdb-filter-only ""'),
    psync('r1', '?', -1),
    snapshot(),
    hear('r1', { kind: 'closed' }),
  ],
})
