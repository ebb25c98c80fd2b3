/**
 * Clients come by the thousand, say all kinds of things, whole or in pieces, read or do not, and go, or are sent
 * away. Whatever happens, what is counted is the sum of what is there; and when all have gone, nothing of them
 * is left.
 */
import { describe, expect, it } from 'vitest'
import { encodeCommand } from '../../src/codec/resp/encode.ts'
import type { Peer } from '../../src/ports.ts'
import type { Session } from '../../src/server/session.ts'
import { bytesOf, type Reference, seededRandom, startReference } from '../support/reference.ts'
import { SimClock } from '../support/sim-clock.ts'
import { SimDisk } from '../support/sim-disk.ts'
import { SimRandom } from '../support/sim-random.ts'

const CLIENTS = 1500
const AT_ONCE_MAX = 40

const BIG = 'x'.repeat(50_000)

/** What a client may say; `#` becomes the number of another. */
const SAYINGS: readonly string[] = [
  'SET k v',
  'SET k v PX 5',
  `SET big ${BIG}`,
  'GET big',
  'GET big',
  'DEL k',
  'LPUSH l a b',
  'BLPOP l m n 0',
  `BLPOP ${'l '.repeat(300)} 1`,
  'BZPOPMIN z 0.01',
  'XADD s * f v',
  'XGROUP CREATE s g $ MKSTREAM',
  'XREADGROUP GROUP g c BLOCK 0 STREAMS s >',
  'XREAD BLOCK 20 STREAMS s $',
  'DEL s',
  'FLUSHALL',
  'SWAPDB 0 1',
  'SELECT 1',
  'MULTI',
  `SET queued ${BIG}`,
  'EXEC',
  'DISCARD',
  'WATCH a b c k',
  'UNWATCH',
  'SUBSCRIBE c d e',
  'PSUBSCRIBE c* d?',
  'SSUBSCRIBE c',
  'UNSUBSCRIBE',
  'PUNSUBSCRIBE d?',
  `PUBLISH c ${BIG}`,
  'SPUBLISH c hello',
  'MONITOR',
  'HELLO 3',
  'HELLO 2',
  'RESET',
  'QUIT',
  'NONSENSE',
  'GET',
  'CLIENT TRACKING ON',
  'CLIENT TRACKING ON BCAST PREFIX k PREFIX b',
  'CLIENT TRACKING OFF',
  'CLIENT REPLY OFF',
  'CLIENT REPLY ON',
  'CLIENT NO-EVICT ON',
  'CLIENT PAUSE 3 WRITE',
  'CLIENT UNPAUSE',
  'CLIENT KILL ID #',
  'CLIENT UNBLOCK # ERROR',
  'CLIENT LIST',
  'INFO memory',
  'MEMORY STATS',
  'REPLCONF listening-port 1',
  'REPLCONF capa eof capa psync2',
  'PSYNC ? -1',
  'SYNC',
  'REPLCONF ACK 0',
  'WAIT 1 0',
  'WAIT 2 5',
  'CONFIG SET maxmemory-clients 600000',
  'CONFIG SET maxmemory-clients 0',
  'CONFIG SET maxmemory 3000000 maxmemory-policy allkeys-lru',
  'CONFIG SET maxmemory 0',
  'CONFIG SET client-output-buffer-limit "normal 200000 100000 1"',
]

class SlowPeer implements Peer {
  readonly remote = '127.0.0.1:50000'
  readonly local = '127.0.0.1:6379'
  waitingBytes = 0
  isDeaf = false
  isGone = false
  send(pieces: readonly (string | Buffer)[]): void {
    if (this.isDeaf) for (const { length } of pieces) this.waitingBytes += length
  }
  close(): void {
    this.isGone = true
  }
  destroy(): void {
    this.isGone = true
  }
  pause(): void {}
  resume(): void {}
}

type Client = { readonly session: Session; readonly peer: SlowPeer; rest: Buffer }

function expectSums({ server }: Reference): void {
  const { clientMemory, sessions, replication } = server.state
  let sum = 0
  for (const { countedBytes } of sessions.values()) sum += countedBytes
  expect(clientMemory.total + clientMemory.ofReplicas).toBe(sum)
  expect(clientMemory.total).toBeGreaterThanOrEqual(0)
  expect(clientMemory.ofReplicas).toBeGreaterThanOrEqual(0)
  expect(replication.backlog.sizeBytes).toBeGreaterThanOrEqual(0)
}

/** What was said is counted at once. */
function expectCounted(session: Session): void {
  const { server, isClosed, replica, countedBytes } = session
  if (isClosed || replica?.isAttached) return
  expect(countedBytes).toBe(server.clientMemory.of(session))
}

/** Everything that knows of clients. */
function remains({ server }: Reference) {
  const { state } = server
  const { clientMemory, sessions, blocked, pause, pubsub, tracking, monitors, replication } = state
  clientMemory.settle()
  return {
    memory: [clientMemory.total, clientMemory.ofReplicas],
    sessions: sessions.size,
    blocked: blocked.count,
    held: pause.count,
    channels: pubsub.count('channels') + pubsub.count('patterns') + pubsub.count('shardChannels'),
    tracking: tracking.counts.clients + tracking.counts.prefixes,
    monitors: monitors.size,
    replicas: replication.replicas.count,
    waits: replication.waits.count,
  }
}

const NOTHING = {
  memory: [0, 0],
  sessions: 0,
  blocked: 0,
  held: 0,
  channels: 0,
  tracking: 0,
  monitors: 0,
  replicas: 0,
  waits: 0,
}

describe('clients that come and go', () => {
  it.each([1, 2, 3])('leave nothing behind (%i)', (seed) => {
    const clock = new SimClock()
    const random = seededRandom(seed)
    const reference = startReference({ clock, seed, store: new SimDisk(new SimRandom(seed)).mount(clock) })
    const { server } = reference
    const stop = server.start()
    const clients: Client[] = []
    const all: Session[] = []
    const come = (): void => {
      const peer = new SlowPeer()
      const session = server.connect(peer)
      all.push(session)
      clients.push({ session, peer, rest: Buffer.alloc(0) })
    }
    const one = (): Client => clients[random.below(clients.length)]!
    const go = (client: Client): void => {
      client.session.closed()
      clients.splice(clients.indexOf(client), 1)
    }
    const say = (client: Client): void => {
      let bytes = client.rest
      for (let i = random.below(4); i >= 0; i--) {
        const saying = SAYINGS[random.below(SAYINGS.length)]!.replace('#', String(one().session.id))
        const words = saying.match(/"[^"]*"|\S+/g)!.map((word) => word.replaceAll('"', ''))
        bytes = Buffer.concat([bytes, encodeCommand(bytesOf(words))])
      }
      const length = random.below(3) === 0 ? random.below(bytes.length) : bytes.length
      client.rest = bytes.subarray(length)
      client.session.push(bytes.subarray(0, length))
      expectCounted(client.session)
    }
    while (all.length < CLIENTS) {
      if (clients.length < 2 || (clients.length < AT_ONCE_MAX && random.below(6) === 0)) {
        come()
      }
      const client = one()
      const { peer, session } = client
      const what = random.below(20)
      if (peer.isGone || what === 0) go(client)
      else if (what === 1) peer.isDeaf = true
      else if (what === 2) {
        peer.isDeaf = false
        peer.waitingBytes = 0
        session.drained()
      } else if (what === 3)
        session.push(Buffer.from(['*x\r\n', '\r\n', '*1\r\n$9999\r\n'][random.below(3)]!))
      else if (what < 6) clock.run(random.below(50_000))
      else say(client)
      expectSums(reference)
    }
    const most = server.state.settings.get<number>('repl-backlog-size')
    for (const client of [...clients]) go(client)
    clock.run(2_000_000)
    expect(remains(reference)).toEqual(NOTHING)
    for (const session of all) expect(server.state.watches.countOf(session)).toBe(0)
    expect(server.state.replication.backlog.sizeBytes).toBeLessThan(most * 1.2)
    stop()
  })
})
