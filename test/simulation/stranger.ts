/**
 * Somebody from outside the group who asks a server for replication, and then behaves badly: never
 * acknowledges, acknowledges what never was, reads nothing, hangs up in the middle.
 *
 * He can cost a server memory and a snapshot; nobody else may notice.
 */
import type { DialedConnection } from '../../src/ports.ts'
import type { SimRandom } from '../support/sim-random.ts'
import { PORT, type SimHost } from './sim-host.ts'
import type { World } from './world.ts'

const SECOND = 1_000_000
const ACK = '*3\r\n$8\r\nREPLCONF\r\n$3\r\nACK\r\n$7\r\n9999999\r\n'
const WORDS = [
  'SYNC\r\n',
  'PSYNC ? -1\r\n',
  `PSYNC ${'f'.repeat(40)} 1\r\n`,
  'REPLCONF capa eof capa psync2\r\nPSYNC ? -1\r\n',
  'REPLCONF capa eof rdb-only 1\r\nPSYNC ? -1\r\n',
  'REPLCONF capa eof rdb-filter-only functions\r\nPSYNC ? -1\r\n',
]

export function sendStranger(world: World, random: SimRandom, host: SimHost): string {
  const words = random.pick(WORDS)
  const [reads, acknowledges] = [random.chance(60), random.chance(50)]
  if (acknowledges) world.hasLiar = true
  const connection: DialedConnection = {
    opened: () => {
      peer.send([words])
      if (!reads) peer.pause()
    },
    push: () => {
      if (acknowledges) peer.send([ACK])
    },
    drained: () => {},
    closed: () => {},
  }
  const peer = world.network.dialer('stranger').dial({ host: host.name, port: PORT }, connection)
  world.clock.after(random.skewed(SECOND / 10, 60 * SECOND), () => peer.destroy())
  return `${JSON.stringify(words)} to ${host.name}${reads ? '' : ', and reads nothing'}`
}
