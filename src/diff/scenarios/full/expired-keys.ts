/** A scenario for a replica: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { adopt, ask, look, stream } from '../../step.ts'
import { EXPIRING } from '../datasets.ts'

export const fullExpiredKeys = scenario({
  name: 'full/expired-keys',
  teaches: 'Keys that are over are loaded by a replica, hidden from readers, and kept until their DEL comes.',
  role: 'replica',
  steps: [
    adopt(EXPIRING),
    ask('DBSIZE', 'GET gone', 'TTL gone', 'EXISTS gone', 'TYPE gone', 'KEYS *', 'GET later', 'DBSIZE'),
    stream('m1', 'SELECT 0', 'DEL gone'),
    ask('DBSIZE'),
    look('digest'),
  ],
})
