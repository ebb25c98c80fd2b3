/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, sync } from '../../step.ts'

export const streamSpopRandom = scenario({
  name: 'stream/spop-random',
  teaches: 'SPOP of some: which ones is chance, how they are named is not.',
  role: 'master',
  steps: [sync(), ask('SADD s a b c d', 'SPOP s', 'SPOP s 2')],
  tolerances: [
    { kind: 'command', field: 'argv.2', reason: 'which members SPOP takes is chance' },
    { kind: 'reply', field: 'reply', reason: 'which members SPOP takes is chance' },
  ],
})
