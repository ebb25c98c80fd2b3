/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { ask, look, sync } from '../../step.ts'

export const streamExpire = scenario({
  name: 'stream/expire',
  teaches: 'EXPIRE in all its forms is PEXPIREAT, or DEL where the time is over.',
  role: 'master',
  steps: [
    sync(),
    ask(
      'SET s v',
      'EXPIRE s 100',
      'PEXPIRE s 100000',
      'EXPIREAT s 4102444800',
      'PEXPIREAT s 4102444800000',
      'EXPIRE s 100 NX',
      'EXPIRE s 100 XX',
      'EXPIRE s 200 GT',
      'EXPIRE s 50 LT',
      'expire s 100',
      'PERSIST s',
      'PERSIST s',
      'EXPIRE none 100',
      'EXPIRE s -1',
      'SET s v',
      'EXPIREAT s 1',
      'SET s v',
      'PEXPIREAT s 1',
      'SET s v',
      'EXPIRE s 0',
    ),
    look('dataset'),
  ],
})
