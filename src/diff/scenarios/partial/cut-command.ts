/** A scenario for a replica: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { accept, adopt, cut, getack, look, pause, stream, streamUnapplied, tell, until } from '../../step.ts'
import { SMALL } from '../datasets.ts'

export const partialCutCommand = scenario({
  name: 'partial/cut-command',
  teaches: 'Half a command counts for nothing: it is asked for again.',
  role: 'replica',
  steps: [
    adopt(SMALL),
    stream('m1', 'SELECT 0', 'SET k v'),
    streamUnapplied('m1', ['SET k lost'], 20),
    pause(100),
    look('info'),
    cut('m1'),
    accept(),
    tell('m1', '+CONTINUE'),
    until('master_link_status', 'up'),
    stream('m1', 'SET k w'),
    getack(),
    look('info', 'dataset'),
  ],
})
