/** A scenario for a replica: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import {
  adopt,
  ask,
  connect,
  HISTORY,
  handshake,
  look,
  masterOffset,
  OTHER_HISTORY,
  psync,
  say,
  stream,
} from '../../step.ts'
import { SMALL } from '../datasets.ts'

export const rolesPsyncFailover = scenario({
  name: 'roles/psync-failover',
  teaches: 'PSYNC … FAILOVER: a replica whose master asks to follow it promotes itself.',
  role: 'replica',
  steps: [
    adopt(SMALL),
    stream('m1', 'SELECT 0', 'SET k v'),
    connect('r1'),
    handshake('r1'),
    say('r1', `PSYNC ${OTHER_HISTORY} 1 FAILOVER`),
    psync('r1', { text: HISTORY }, masterOffset(1), 'FAILOVER'),
    look('info'),
    ask('SET k w'),
  ],
})
