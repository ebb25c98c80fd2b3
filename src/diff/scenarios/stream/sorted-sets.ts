/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, look, sync } from '../../step.ts'

export const streamSortedSets = scenario({
  name: 'stream/sorted-sets',
  teaches: 'Sorted sets: MPOP is POP with a count, stores are recomputed by the replica.',
  role: 'master',
  steps: [
    sync(),
    ask(
      'ZADD z 1 a 2 b 3 c 4 d 5 e',
      'ZADD z GT CH 9 a',
      'ZADD z INCR 1.5 b',
      'ZINCRBY z 0.1 c',
      'ZPOPMIN z',
      'ZPOPMAX z 1',
      'ZMPOP 2 none z MIN COUNT 1',
      'ZMPOP 1 z MAX',
      'ZADD z 1 a 2 b',
      'ZRANGESTORE y z 0 -1',
      'ZUNIONSTORE u 2 z y WEIGHTS 2 3',
      'ZINTERSTORE u 2 z y',
      'ZDIFFSTORE u 2 z y',
      'ZREM z a',
      'ZREMRANGEBYSCORE y -inf 1',
      'ZADD z NaN x',
      'BZPOPMIN z 0',
      'BZMPOP 0 1 y MIN',
      'GEOADD g NX CH 13.361389 38.115556 P 15.087269 37.502669 C',
      'GEOSEARCHSTORE near g FROMLONLAT 15 37 BYRADIUS 200 km',
      'GEORADIUS g 15 37 200 km STORE near2',
    ),
    look('dataset'),
  ],
})
