/** A scenario for a replica: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { accept, hear, look } from '../../step.ts'

export const handshakeAuthRefused = scenario({
  name: 'handshake/auth-refused',
  teaches: 'A wrong password: the replica goes away and comes back.',
  role: 'replica',
  config: { masterauth: 'secret' },
  steps: [
    accept('m1', {
      upTo: 'AUTH',
      answers: { AUTH: '-WRONGPASS invalid username-password pair', REPLCONF: '' },
    }),
    hear('m1', { kind: 'closed' }),
    accept(),
    look('role'),
  ],
})
