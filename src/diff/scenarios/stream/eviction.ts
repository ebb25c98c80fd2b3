/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, hear, look, reply, send, sync } from '../../step.ts'

export const streamEviction = scenario({
  name: 'stream/eviction',
  teaches: 'A key that is evicted is deleted on the stream.',
  role: 'master',
  steps: [
    sync(),
    ask('SET a v', 'CONFIG SET maxmemory-policy allkeys-lru', 'CONFIG SET maxmemory 1'),
    send('other', 'SET b v'),
    hear('r1', { kind: 'command', name: 'DEL' }),
    reply('other'),
    ask('CONFIG SET maxmemory 0', 'SET c v'),
    look('dataset'),
  ],
})
