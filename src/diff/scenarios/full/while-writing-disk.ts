/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, connect, handshake, look, psync, takeAll } from '../../step.ts'

export const fullWhileWritingDisk = scenario({
  name: 'full/while-writing-disk',
  teaches: 'The same through a file.',
  role: 'master',
  config: { 'repl-diskless-sync': 'no' },
  steps: [
    ask('SET before 1'),
    connect(),
    handshake(),
    psync('r1', '?', -1),
    ask('SET during 1', 'DEL before'),
    takeAll(),
    ask('SET after 1'),
    look('info'),
  ],
})
