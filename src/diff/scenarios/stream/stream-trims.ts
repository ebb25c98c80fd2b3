/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, look, sync } from '../../step.ts'

export const streamStreamTrims = scenario({
  name: 'stream/stream-trims',
  teaches: 'Approximate trims are told by what is left.',
  role: 'master',
  config: { 'stream-node-max-entries': 2 },
  steps: [
    sync(),
    ask(
      ...Array.from({ length: 4 }, (_, i) => `XADD x ${i + 1}-1 f v`),
      'XTRIM x MAXLEN ~ 2',
      'XTRIM x MINID ~ 3',
      'XADD x MAXLEN ~ 2 9-1 f v',
      'XADD x MINID ~ 3 10-1 f v',
      'XTRIM x MAXLEN = 1',
    ),
    look('dataset'),
  ],
})
