/** A scenario for a replica: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { accept, hear, look } from '../../step.ts'

export const behaviourMasterMute = scenario({
  name: 'behaviour/master-mute',
  teaches: 'A master that does not even answer PING is left after repl-timeout.',
  role: 'replica',
  config: { 'repl-timeout': 2 },
  steps: [
    accept('m1', { upTo: 'PING', answers: { PING: '' } }),
    hear('m1', { kind: 'closed' }, 8000),
    accept(),
    look('role'),
  ],
})
