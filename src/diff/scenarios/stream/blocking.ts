/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, look, reply, send, sync } from '../../step.ts'

export const streamBlocking = scenario({
  name: 'stream/blocking',
  teaches: 'A blocked client is served when somebody pushes: what it did follows the push.',
  role: 'master',
  steps: [
    sync(),
    send('one', 'BLPOP l 0'),
    ask('RPUSH l a b'),
    reply('one'),
    send('one', 'BLMOVE l m LEFT LEFT 0'),
    ask('DEL l'),
    ask('RPUSH l c'),
    reply('one'),
    send('one', 'BZPOPMIN z 0'),
    ask('ZADD z 1 a 2 b'),
    reply('one'),
    send('one', 'BLMPOP 0 2 p q LEFT COUNT 2'),
    ask('RPUSH q 1 2 3'),
    reply('one'),
    send('one', 'BZMPOP 0 1 y MAX'),
    ask('ZADD y 1 a'),
    reply('one'),
    send('one', 'BLPOP w 0'),
    send('two', 'BLPOP w 0'),
    ask('RPUSH w 1 2'),
    reply('one'),
    reply('two'),
    send('one', 'BRPOPLPUSH v u 0'),
    ask('MULTI', 'RPUSH v x', 'RPUSH v y', 'EXEC'),
    reply('one'),
    look('dataset'),
  ],
})
