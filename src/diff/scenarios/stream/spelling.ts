/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, look, sync } from '../../step.ts'

export const streamSpelling = scenario({
  name: 'stream/spelling',
  teaches: 'Arguments stand on the stream byte for byte, names in the letters of who said them.',
  role: 'master',
  steps: [
    sync(),
    ask(
      'sEt k v',
      'SET k "a\\r\\nb"',
      'SET "" ""',
      'SET "\\x00\\xff" "\\xc3\\xa9"',
      'SET n 00012',
      'rpush l 007',
      'hset h f 1e3',
      'zadd z 1.50 a',
      'set k v nx',
      'setnx q v',
      'ExPiRe k 100',
      'xadd x 5-1 f v',
    ),
    look('dataset'),
  ],
})
