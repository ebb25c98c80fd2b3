/**
 * A master that says what the test tells it to, in virtual time, to a reference that follows it.
 *
 *   const master = scriptedMaster()
 *   master.accept()                        the connection stands
 *   master.heard()                         ['PING']: what the replica has said since
 *   master.say('+PONG\r\n')
 *   master.pass(1)                         a second
 */
import { readable } from '../../src/bytes/byte-string.ts'
import { Resumable } from '../../src/bytes/resumable.ts'
import { commands } from '../../src/codec/resp/command.ts'
import { processFacts } from '../../src/io/process-facts.ts'
import type { DialedConnection, Peer } from '../../src/ports.ts'
import { Settings } from '../../src/server/config/settings.ts'
import { RedisServer } from '../../src/server/server.ts'
import { ReferenceClient, seededRandom } from './reference.ts'
import { SimClock } from './sim-clock.ts'
import { SimDisk } from './sim-disk.ts'
import { SimRandom } from './sim-random.ts'

const SECOND = 1_000_000

type Call = { readonly connection: DialedConnection; readonly peer: FakePeer }

class FakePeer implements Peer {
  readonly remote: string
  readonly local = '127.0.0.1:50001'
  readonly waitingBytes = 0
  readonly sent: Buffer[] = []
  isDestroyed = false
  isPaused = false

  constructor(remote: string) {
    this.remote = remote
  }

  send(pieces: readonly (string | Buffer)[]): void {
    for (const piece of pieces) {
      this.sent.push(typeof piece === 'string' ? Buffer.from(piece, 'latin1') : Buffer.from(piece))
    }
  }

  close(): void {
    this.isDestroyed = true
  }

  destroy(): void {
    this.isDestroyed = true
  }

  pause(): void {
    this.isPaused = true
  }

  resume(): void {
    this.isPaused = false
  }
}

export type ScriptOptions = {
  readonly config?: Readonly<Record<string, string | number>>
  /** Whether redis.conf says whom to follow (default); otherwise REPLICAOF has to. */
  readonly isConfigured?: boolean
}

export class ScriptedMaster {
  readonly clock = new SimClock()
  readonly disk: SimDisk
  readonly server: RedisServer
  readonly client: ReferenceClient
  readonly log: string[] = []
  /** All that was dialed. */
  readonly calls: Call[] = []
  readonly #stop: () => void
  #taken = 0

  constructor({ config = {}, isConfigured = true }: ScriptOptions = {}) {
    const random = new SimRandom(1)
    this.disk = new SimDisk(random)
    const settings = new Settings()
    const all = {
      'enable-debug-command': 'yes',
      save: '',
      port: 7000,
      ...(isConfigured ? { replicaof: 'master 6379' } : {}),
      ...config,
    }
    for (const [name, value] of Object.entries(all)) settings.read(name, String(value))
    this.server = new RedisServer(
      {
        clock: this.clock,
        random: seededRandom(1),
        store: this.disk.mount(this.clock),
        dialer: {
          dial: ({ host, port }, connection) => {
            const peer = new FakePeer(`${host}:${port}`)
            this.calls.push({ connection, peer })
            this.#taken = 0
            return peer
          },
        },
        facts: processFacts,
        log: (_level, line) => this.log.push(line),
        shutdown: () => {},
        sleep: () => {},
      },
      settings,
    )
    this.client = new ReferenceClient(this.server)
    this.#stop = this.server.start()
  }

  get call(): Call {
    const call = this.calls.at(-1)
    if (call === undefined) throw new Error('nobody has dialed')
    return call
  }

  get state(): string {
    return this.server.state.replication.master.state
  }

  get offset(): number {
    return this.server.state.replication.history.offset
  }

  /** A client's command, and its reply as text. */
  ask(...words: (string | number)[]): string {
    const reply = this.client.command(...words)
    if (reply === undefined || reply.type === 'null') return ''
    return 'value' in reply ? String(reply.value) : reply.type
  }

  info(name: string, section = 'replication'): string | undefined {
    return new RegExp(`^${name}:(.*)\r$`, 'm').exec(this.ask('INFO', section))?.[1]
  }

  accept(): void {
    this.call.connection.opened()
  }

  /** @param bytes latin1, or as they are; given in pieces of `size` bytes */
  say(bytes: string | Buffer, size = Number.POSITIVE_INFINITY): void {
    const all = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes
    const { connection } = this.call
    for (let at = 0; at < all.length; at += size) connection.push(Buffer.from(all.subarray(at, at + size)))
  }

  hangUp(why?: string): void {
    const { connection, peer } = this.call
    if (!peer.isDestroyed) connection.closed(why)
  }

  /** Seconds. */
  pass(seconds: number): void {
    this.clock.run(Math.round(seconds * SECOND))
  }

  /** The bytes of the replica on the present connection since the last look. */
  heardBytes(): string {
    const { sent } = this.call.peer
    const text = Buffer.concat(sent.slice(this.#taken)).toString('latin1')
    this.#taken = sent.length
    return text
  }

  /** The same as commands; a newline is "\\n". */
  heard(): string[] {
    const words: string[] = []
    const decoder = new Resumable(
      (src) =>
        commands(
          src,
          {
            command: (command) => words.push(command.argv().map(String).map(readable).join(' ')),
            blank: () => words.push('\\n'),
            leaves: () => false,
          },
          { inline: true },
        ),
      ({ detail }) => words.push(detail),
    )
    decoder.push(Buffer.from(this.heardBytes(), 'latin1'))
    return words
  }

  /** Up to the answer to PSYNC, as a good master does it. */
  greet(): void {
    this.accept()
    this.say('+PONG\r\n')
    const lines = this.heardBytes().match(/\*\d+\r\n\$(?:8|4)\r\n(?:REPLCONF|AUTH)/g) ?? []
    this.say('+OK\r\n'.repeat(lines.length))
  }

  /** Its snapshot as it would be saved now. */
  snapshot(): Buffer {
    this.ask('SAVE')
    const file = this.disk.mount(this.clock).open('dump.rdb')
    // Each chunk is borrowed until the next.
    return Buffer.concat(Array.from(file?.chunks ?? [], (chunk) => Buffer.from(chunk)))
  }

  stop(): void {
    this.#stop()
  }
}

/** The start of everything: seconds later the replica has dialed. */
export function scriptedMaster(options?: ScriptOptions): ScriptedMaster {
  const master = new ScriptedMaster(options)
  master.pass(0.01)
  return master
}
