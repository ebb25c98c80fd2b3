/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, look, sync } from '../../step.ts'

export const streamLargeValues = scenario({
  name: 'stream/large-values',
  teaches: 'A value of 300 kB, and one of many arguments.',
  role: 'master',
  steps: [
    sync(),
    ask(
      `SET k ${'x'.repeat(300000)}`,
      `RPUSH l ${Array.from({ length: 2000 }, (_, i) => i).join(' ')}`,
      'DEL k',
    ),
    look('info'),
  ],
})
