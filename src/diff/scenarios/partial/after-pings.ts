/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, comeBack, cut, hear, sync } from '../../step.ts'

const REASON = 'how many PINGs came before is a matter of time'

export const partialAfterPings = scenario({
  name: 'partial/after-pings',
  teaches: 'PINGs are bytes of the stream like any others: who has seen them goes on behind them.',
  role: 'master',
  config: { 'repl-ping-replica-period': 1 },
  steps: [
    sync(),
    hear('r1', { kind: 'ping' }, 2500),
    ask('CONFIG SET repl-ping-replica-period 3600', 'SET k v'),
    cut(),
    comeBack(),
    ask('SET k w'),
  ],
  tolerances: [
    { kind: 'ping', field: 'start', reason: REASON },
    { kind: 'ping', field: 'end', reason: REASON },
    { kind: 'command', field: 'start', reason: REASON },
    { kind: 'command', field: 'end', reason: REASON },
    { kind: 'request', field: 'argv.2', reason: REASON },
    { kind: 'resync', field: 'offset', reason: REASON },
    { kind: 'resync', field: 'asked', reason: REASON },
  ],
})
