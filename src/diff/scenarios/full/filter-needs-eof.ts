/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { connect, look, say } from '../../step.ts'

export const fullFilterNeedsEof = scenario({
  name: 'full/filter-needs-eof',
  teaches: 'A filtered snapshot is refused to who cannot read marks.',
  role: 'master',
  steps: [connect(), say('r1', 'REPLCONF rdb-filter-only ""', 'PSYNC ? -1'), look('stats')],
})
