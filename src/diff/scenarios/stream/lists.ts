/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, look, sync } from '../../step.ts'

export const streamLists = scenario({
  name: 'stream/lists',
  teaches: 'Pops, moves and trims of lists.',
  role: 'master',
  steps: [
    sync(),
    ask(
      'RPUSH l a b c d e f g',
      'LPOP l',
      'RPOP l 2',
      'LPOP l 0',
      'LMPOP 2 none l LEFT COUNT 2',
      'LMPOP 1 l RIGHT',
      'RPUSH l a b c',
      'RPOPLPUSH l m',
      'LMOVE l m LEFT RIGHT',
      'LREM l 0 b',
      'LSET m 0 z',
      'LINSERT m AFTER z y',
      'LTRIM m 0 0',
      'LPUSHX m w',
      'BLPOP m 0',
      'BRPOP m 0',
      'RPUSH l 1 2 3',
      'BLMOVE l m LEFT LEFT 0',
      'BRPOPLPUSH l m 0',
      'BLMPOP 0 1 m LEFT COUNT 5',
    ),
    look('dataset'),
  ],
})
