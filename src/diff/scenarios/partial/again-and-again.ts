/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, comeBack, cut, look, sync } from '../../step.ts'

export const partialAgainAndAgain = scenario({
  name: 'partial/again-and-again',
  teaches: 'A link that is lost five times misses nothing.',
  role: 'master',
  steps: [
    sync(),
    Array.from({ length: 5 }, (_, i) => [
      ask(`SET a ${i}`),
      cut('r1', i % 2 === 0 ? 'fin' : 'reset'),
      ask(`SET b ${i}`),
      comeBack(),
    ]).flat(2),
    look('info', 'stats', 'dataset'),
  ],
})
