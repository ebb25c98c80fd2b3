/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, look, sync } from '../../step.ts'

export const streamGettingWithEffect = scenario({
  name: 'stream/getting-with-effect',
  teaches: 'GETSET, GETDEL and GETEX are propagated as what they did.',
  role: 'master',
  steps: [
    sync(),
    ask(
      'SET s v',
      'GETSET s w',
      'GETEX s EX 100',
      'GETEX s PXAT 4102444800000',
      'GETEX s PERSIST',
      'GETEX s PERSIST',
      'GETEX s',
      'GETDEL s',
      'GETDEL s',
      'SET s v',
      'GETEX s EXAT 1',
    ),
    look('dataset'),
  ],
})
