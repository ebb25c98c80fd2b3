/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, comeBack, cut, look, masterOffset, sync } from '../../step.ts'

export const partialLastByte = scenario({
  name: 'partial/last-byte',
  teaches: 'The last byte alone: the stream may begin in the middle of a command.',
  role: 'master',
  steps: [sync(), ask('SET k v'), cut(), comeBack('r1', 'learned', masterOffset()), look('stats')],
})
