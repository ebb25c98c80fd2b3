/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, look, pause, sync } from '../../step.ts'

export const streamExpiryMet = scenario({
  name: 'stream/expiry-met',
  teaches: 'A key that is over is deleted by whoever meets it, before what he does.',
  role: 'master',
  steps: [
    sync(),
    ask(
      'DEBUG SET-ACTIVE-EXPIRE 0',
      'SET a v PX 30',
      'SET b v PX 30',
      'SET c v PX 30',
      'SET d v PX 30',
      'SET e v PX 30',
      'SET f v PX 30',
      'RPUSH l x',
      'PEXPIRE l 30',
    ),
    pause(150),
    ask('GET a', 'GET a', 'EXISTS b', 'DEL c', 'SET d w', 'INCR e', 'RENAME f g', 'RPUSH l y', 'TTL none'),
    look('dataset'),
  ],
})
