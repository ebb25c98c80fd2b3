/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, look, sync } from '../../step.ts'

export const streamNever = scenario({
  name: 'stream/never',
  teaches: 'Configuration, reading and talking are nobody else’s business.',
  role: 'master',
  steps: [
    sync(),
    ask(
      'CONFIG SET timeout 100',
      'CLIENT SETNAME me',
      'SELECT 3',
      'GET a',
      'SELECT 0',
      'WATCH a',
      'UNWATCH',
      'SUBSCRIBE c',
      'UNSUBSCRIBE c',
      'ECHO x',
      'OBJECT ENCODING a',
      'SLOWLOG RESET',
      'LATENCY RESET',
    ),
    look('info'),
  ],
  tolerances: [
    { kind: 'reply', field: 'reply.2', reason: 'SUBSCRIBE replies a number that nobody asks about here' },
  ],
})
