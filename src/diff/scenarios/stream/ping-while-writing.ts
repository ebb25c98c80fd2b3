/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, hear, pause, sync } from '../../step.ts'

const REASON = 'how many PINGs come in between is a matter of time'

export const streamPingWhileWriting = scenario({
  name: 'stream/ping-while-writing',
  teaches: 'PINGs come every period, however much is written meanwhile.',
  role: 'master',
  steps: [
    sync(),
    ask('SET k v', 'CONFIG SET repl-ping-replica-period 1'),
    ...Array.from({ length: 8 }, () => [ask('SET k v'), pause(250)]).flat(),
    hear('r1', { kind: 'ping' }, 200),
  ],
  tolerances: [
    { kind: 'ping', reason: REASON },
    { kind: 'command', field: 'start', reason: REASON },
    { kind: 'command', field: 'end', reason: REASON },
  ],
})
