/** A scenario for a replica: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { accept, look } from '../../step.ts'

export const handshakeAnnounce = scenario({
  name: 'handshake/announce',
  teaches: 'replica-announce-ip and -port are what the replica says of itself.',
  role: 'replica',
  config: { 'replica-announce-ip': '10.1.2.3', 'replica-announce-port': 7777 },
  steps: [accept(), look('info')],
})
