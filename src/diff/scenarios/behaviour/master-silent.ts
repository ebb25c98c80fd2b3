/** A scenario for a replica: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { accept, adopt, hear, look, tell, until } from '../../step.ts'
import { SMALL } from '../datasets.ts'

export const behaviourMasterSilent = scenario({
  name: 'behaviour/master-silent',
  teaches: 'A master that says nothing for longer than repl-timeout is left, and asked to go on.',
  role: 'replica',
  config: { 'repl-timeout': 2 },
  steps: [
    adopt(SMALL),
    hear('m1', { kind: 'closed' }, 8000),
    accept(),
    tell('m1', '+CONTINUE'),
    until('master_link_status', 'up'),
    look('info'),
  ],
})
