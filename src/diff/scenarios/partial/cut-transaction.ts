/** A scenario for a replica: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import {
  accept,
  adopt,
  ask,
  cut,
  getack,
  look,
  pause,
  stream,
  streamUnapplied,
  tell,
  until,
} from '../../step.ts'
import { SMALL } from '../datasets.ts'

export const partialCutTransaction = scenario({
  name: 'partial/cut-transaction',
  teaches: 'A transaction that was cut off is asked for from its MULTI on, and done once.',
  role: 'replica',
  steps: [
    adopt(SMALL),
    stream('m1', 'SELECT 0', 'SET n 1'),
    streamUnapplied('m1', ['MULTI', 'INCR n']),
    pause(100),
    look('info'),
    cut('m1'),
    ask('GET n'),
    accept(),
    tell('m1', '+CONTINUE'),
    until('master_link_status', 'up'),
    stream('m1', 'MULTI', 'INCR n', 'EXEC'),
    getack(),
    ask('GET n'),
    look('info'),
  ],
})
