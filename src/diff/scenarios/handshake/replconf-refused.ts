/** A scenario for a replica: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { accept, getack, give, HISTORY, stream, tell, until } from '../../step.ts'
import { SMALL } from '../datasets.ts'

export const handshakeReplconfRefused = scenario({
  name: 'handshake/replconf-refused',
  teaches: 'A master that does not know REPLCONF is followed all the same.',
  role: 'replica',
  steps: [
    accept('m1', { answers: { REPLCONF: '-ERR unknown command `REPLCONF`' } }),
    tell('m1', `+FULLRESYNC ${HISTORY} 0`),
    give('m1', SMALL),
    until('master_link_status', 'up'),
    stream('m1', 'SELECT 0', 'SET k v'),
    getack(),
  ],
})
