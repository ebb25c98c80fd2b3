/** A scenario for a replica: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { adopt, ask, getack, look, pause, stream, streamUnapplied, until } from '../../step.ts'
import { SMALL } from '../datasets.ts'

export const partialCommandInPieces = scenario({
  name: 'partial/command-in-pieces',
  teaches: 'A command that comes in two pieces is applied when it is whole.',
  role: 'replica',
  steps: [
    adopt(SMALL),
    stream('m1', 'SELECT 0', 'SET k v'),
    streamUnapplied('m1', ['SET k whole'], 12),
    pause(100),
    ask('GET k'),
    look('info'),
    streamUnapplied('m1', ['SET k whole'], -12),
    until('slave_repl_offset', 181),
    ask('GET k'),
    getack(),
    look('info'),
  ],
})
