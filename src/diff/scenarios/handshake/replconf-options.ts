/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { connect, look, psync, say, takeAll } from '../../step.ts'

export const handshakeReplconfOptions = scenario({
  name: 'handshake/replconf-options',
  teaches: 'Which options REPLCONF knows, and its words for those it does not.',
  role: 'master',
  steps: [
    connect(),
    say(
      'r1',
      'REPLCONF',
      'REPLCONF listening-port',
      'REPLCONF listening-port abc',
      'REPLCONF listening-port 7009',
      'REPLCONF capa',
      'REPLCONF capa eof listening-port',
      'REPLCONF nonsense 1',
      'REPLCONF listening-port 7010 nonsense 1',
      'REPLCONF rdb-only 2',
      'REPLCONF rdb-only x',
      'REPLCONF rdb-only 0',
      'REPLCONF rdb-filter-only nonsense',
      "REPLCONF rdb-filter-only '\"'",
      `REPLCONF ip-address ${'1'.repeat(300)}`,
      'REPLCONF ip-address 10.9.8.7',
      'replconf CAPA eof',
    ),
    psync('r1', '?', -1),
    takeAll(),
    look('info', 'role'),
  ],
})
