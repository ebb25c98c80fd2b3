/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, look, sync } from '../../step.ts'

export const streamHashes = scenario({
  name: 'stream/hashes',
  teaches: 'Fields of hashes are set, raised and removed; the last one takes its hash with it.',
  role: 'master',
  steps: [
    sync(),
    ask(
      'HSET h a 1 b 2',
      'HSETNX h c 3',
      'HDEL h a none',
      'HMSET h d 4 e 5',
      'HINCRBY h d 10',
      'HDEL h b c d e',
      'HSET h "" ""',
    ),
    look('dataset'),
  ],
})
