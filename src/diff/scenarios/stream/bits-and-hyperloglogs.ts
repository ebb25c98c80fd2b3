/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, look, sync } from '../../step.ts'

export const streamBitsAndHyperloglogs = scenario({
  name: 'stream/bits-and-hyperloglogs',
  teaches: 'Bitmaps and HyperLogLogs.',
  role: 'master',
  steps: [
    sync(),
    ask(
      'SETBIT b 100 1',
      'SETBIT b 100 1',
      'SETBIT b 200 0',
      'BITOP NOT c b',
      'BITFIELD f SET u8 0 255',
      'BITFIELD f GET u8 0',
      'BITFIELD f INCRBY u2 100 1 OVERFLOW FAIL INCRBY u2 100 9',
      'PFADD p a b c',
      'PFADD p a',
      'PFCOUNT p',
      'PFCOUNT p',
      'PFADD q d',
      'PFMERGE p q',
      'PFCOUNT p q',
    ),
    look('dataset'),
  ],
})
