/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, comeBack, cut, look, sync } from '../../step.ts'

export const partialBacklogResized = scenario({
  name: 'partial/backlog-resized',
  teaches: 'A backlog that is made larger keeps what it holds.',
  role: 'master',
  steps: [
    sync(),
    ask('SET k v'),
    cut(),
    ask('CONFIG SET repl-backlog-size 4mb', 'SET k w'),
    comeBack(),
    ask('SET k x'),
    look('info'),
  ],
})
