/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, look, sync } from '../../step.ts'

export const streamStringsWithExpiry = scenario({
  name: 'stream/strings-with-expiry',
  teaches: 'Relative expiries become absolute; options that have done their work are dropped.',
  role: 'master',
  steps: [
    sync(),
    ask(
      'DEBUG SET-ACTIVE-EXPIRE 0',
      'SET s v EX 100',
      'SET s v PX 100000',
      'SET s v EXAT 4102444800',
      'SET s v PXAT 4102444800000',
      'SET s w KEEPTTL',
      'SET s v XX GET EX 100',
      'SET t v NX EX 100',
      'SET t v NX EX 100',
      'SETEX s 100 v',
      'PSETEX s 100000 v',
      'set s v ex 100',
      'SET s v PXAT 1',
      'GET s',
      'SET n v NX',
      'SET n v XX',
      'SET n w GET',
      'SET n w KEEPTTL GET',
      'SET none v XX',
    ),
    look('dataset'),
  ],
})
