/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, look, sync } from '../../step.ts'

export const streamDumpAndRestore = scenario({
  name: 'stream/dump-and-restore',
  teaches: 'RESTORE: relative lives become absolute.',
  role: 'master',
  steps: [
    sync(),
    ask(
      'RESTORE k 0 "\\x00\\xc0\\x01\\t\\x00\\xf6\\x8a\\xb6z\\x85\\x87rM"',
      'RESTORE k 100000 "\\x00\\xc0\\x01\\t\\x00\\xf6\\x8a\\xb6z\\x85\\x87rM" REPLACE',
      'RESTORE k 4102444800000 "\\x00\\xc0\\x01\\t\\x00\\xf6\\x8a\\xb6z\\x85\\x87rM" ABSTTL REPLACE',
      'RESTORE k 1 "\\x00\\xc0\\x01\\t\\x00\\xf6\\x8a\\xb6z\\x85\\x87rM" ABSTTL REPLACE',
    ),
    look('dataset'),
  ],
})
