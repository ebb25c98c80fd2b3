/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, connect, handshake, look, psync, takeAll } from '../../step.ts'

export const fullWhileWriting = scenario({
  name: 'full/while-writing',
  teaches: 'What is written between fork and ACK follows the snapshot; it is not in it.',
  role: 'master',
  steps: [
    ask('SET before 1', 'SELECT 2', 'SET before 2', 'SELECT 0'),
    connect(),
    handshake(),
    psync('r1', '?', -1),
    ask('SET during 1', 'DEL before', 'SELECT 2', 'SET during 2'),
    takeAll(),
    ask('SET after 1'),
    look('info', 'dataset'),
  ],
})
