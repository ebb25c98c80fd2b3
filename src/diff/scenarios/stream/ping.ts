/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, hear, sync } from '../../step.ts'

export const streamPing = scenario({
  name: 'stream/ping',
  teaches: 'A master pings its replicas every period; the stream advances by it.',
  role: 'master',
  config: { 'repl-ping-replica-period': 1 },
  steps: [sync(), hear('r1', { kind: 'ping' }, 2500), hear('r1', { kind: 'ping' }, 2500), ask('SET k v')],
  tolerances: [
    { kind: 'command', field: 'start', reason: 'how many PINGs came before is a matter of time' },
    { kind: 'command', field: 'end', reason: 'how many PINGs came before is a matter of time' },
    { kind: 'ping', field: 'start', reason: 'SELECT may come between' },
    { kind: 'ping', field: 'end', reason: 'SELECT may come between' },
  ],
})
