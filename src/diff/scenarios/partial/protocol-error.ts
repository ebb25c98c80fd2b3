/** A scenario for a replica: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { accept, adopt, hear, look, stream, tell } from '../../step.ts'
import { SMALL } from '../datasets.ts'

export const partialProtocolError = scenario({
  name: 'partial/protocol-error',
  teaches: 'What is no command ends the link and the history: the replica asks for everything.',
  role: 'replica',
  steps: [
    adopt(SMALL),
    stream('m1', 'SELECT 0', 'SET k v'),
    tell('m1', 'nonsense'),
    hear('m1', { kind: 'closed' }),
    accept(),
    look('role'),
  ],
})
