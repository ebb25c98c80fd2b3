/** A scenario for a master: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { connect, hear, raw } from '../../step.ts'

export const handshakeProtocolError = scenario({
  name: 'handshake/protocol-error',
  teaches: 'Bytes that are no command end the connection with an error.',
  role: 'master',
  steps: [connect(), raw('r1', '*1\r\n$abc\r\n', 0), hear('r1', { kind: 'closed' })],
})
