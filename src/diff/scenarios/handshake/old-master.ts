/** A scenario for a replica: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { accept, give, look, stream, until } from '../../step.ts'
import { SMALL } from '../datasets.ts'

export const handshakeOldMaster = scenario({
  name: 'handshake/old-master',
  teaches: 'A master without PSYNC is asked SYNC on the same connection.',
  role: 'replica',
  steps: [
    accept('m1', {
      upTo: 'SYNC',
      answers: { REPLCONF: '-ERR unknown command', PSYNC: '-ERR unknown command' },
    }),
    give('m1', SMALL, { framing: 'length' }),
    until('master_link_status', 'up'),
    stream('m1', 'SELECT 0', 'SET k v'),
    until('db0', '/^keys=3,/'),
    look('role', 'dataset'),
  ],
})
