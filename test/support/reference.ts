/**
 * The reference server in the test's own process, without sockets: words in, replies out.
 *
 *   const reference = startReference()
 *   const client = reference.client()
 *   client.command('SET', 'k', 'v')        { type: 'simple', value: 'OK' }
 *   reference.effects                      ['SET k v']     what replicas would get; units of several in
 *   MULTI … EXEC
 */
import { type ByteString, fromText, readable } from '../../src/bytes/byte-string.ts'
import { Resumable } from '../../src/bytes/resumable.ts'
import { respValues } from '../../src/codec/resp/decode.ts'
import { encodeCommand } from '../../src/codec/resp/encode.ts'
import type { Keep } from '../../src/codec/resp/limits.ts'
import type { RespValue } from '../../src/codec/resp/values.ts'
import { processFacts } from '../../src/io/process-facts.ts'
import { SnapshotStore } from '../../src/io/snapshot-store.ts'
import { socketDialer } from '../../src/io/socket-dialer.ts'
import { systemClock } from '../../src/io/system-clock.ts'
import type { Clock, Random } from '../../src/ports.ts'
import { Settings } from '../../src/server/config/settings.ts'
import { RedisServer } from '../../src/server/server.ts'
import type { Session } from '../../src/server/session.ts'
import { mulberry32 } from './every-split.ts'

export const KEEP_ALL: Keep = {
  valueBytes: 2 ** 29 - 24,
  totalBytes: Number.MAX_SAFE_INTEGER,
  elements: 2 ** 24,
  hash: false,
}

export type Words = readonly (string | number | Buffer)[]

/** Words as bytes: text as UTF-8, Buffers as they are. */
export function bytesOf(words: Words): ByteString[] {
  return words.map((word) =>
    Buffer.isBuffer(word) ? (word.toString('latin1') as ByteString) : fromText(String(word)),
  )
}

export type ReferenceOptions = {
  readonly clock?: Clock
  readonly seed?: number
  readonly settings?: Partial<Settings>
  readonly store?: ReferenceStore
}

type ReferenceStore = ConstructorParameters<typeof RedisServer>[0]['store']

export function startReference({
  clock = systemClock,
  seed = 1,
  settings = {},
  store = new SnapshotStore(),
}: ReferenceOptions = {}) {
  const all = new Settings()
  all.read('enable-debug-command', 'yes')
  // Nothing is saved by itself (a FLUSHALL would): the directory is the project's.
  all.read('save', '')
  return new Reference(clock, seededRandom(seed), Object.assign(all, settings), store)
}

export function seededRandom(seed: number): Random {
  const next = mulberry32(seed)
  return {
    below: (n) => Math.floor(next() * n),
    hex: (length) => Array.from({ length }, () => Math.floor(next() * 16).toString(16)).join(''),
  }
}

export class Reference {
  readonly server: RedisServer
  /** What was published, one command a line, as a master would propagate it (without SELECT). */
  effects: string[] = []
  readonly log: string[] = []
  isShutDown = false
  /** Microseconds that DEBUG SLEEP would have taken. */
  slept = 0

  constructor(clock: Clock, random: Random, settings: Settings, store: ReferenceStore) {
    this.server = new RedisServer(
      {
        clock,
        random,
        log: (_level, line) => this.log.push(line),
        shutdown: () => {
          this.isShutDown = true
        },
        sleep: (micros) => {
          this.slept += micros
        },
        store,
        dialer: socketDialer,
        facts: processFacts,
      },
      settings,
    )
    this.server.state.effects.subscribe(({ effects, isAtomic }) => {
      const lines = effects.map(({ argv }) => argv.map(readable).join(' '))
      this.effects.push(...(isAtomic ? ['MULTI', ...lines, 'EXEC'] : lines))
    })
  }

  client(): ReferenceClient {
    return new ReferenceClient(this.server)
  }
}

/** A client whose replies are there as soon as the server has given them. */
export class ReferenceClient {
  readonly session: Session
  /** Replies and pushed messages that nobody has taken. */
  readonly inbox: RespValue[] = []
  isClosed = false
  /** The bytes received, latin1, if somebody wants them: set it to '' to begin. */
  raw: string | undefined

  constructor(server: RedisServer) {
    const decoder = new Resumable(
      (src) => respValues(src, ({ value }) => this.inbox.push(value), KEEP_ALL),
      ({ detail }) => {
        throw new Error(`the reference does not speak RESP: ${detail}`)
      },
    )
    this.session = server.connect({
      remote: '127.0.0.1:50000',
      local: '127.0.0.1:6379',
      send: (pieces) => {
        for (const piece of pieces) {
          const bytes = typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece
          if (this.raw !== undefined) this.raw += bytes.toString('latin1')
          decoder.push(bytes)
        }
      },
      close: () => {
        this.isClosed = true
      },
      destroy: () => {
        this.isClosed = true
      },
      waitingBytes: 0,
      pause: () => {},
      resume: () => {},
    })
  }

  /** Sends a command and takes its reply; undefined if there is none (yet). */
  command(...words: Words): RespValue | undefined {
    this.send(encodeCommand(bytesOf(words)))
    return this.inbox.shift()
  }

  /** The bytes received since the last take. */
  takeRaw(): string {
    const { raw = '' } = this
    this.raw = ''
    return raw
  }

  send(bytes: Buffer): void {
    this.session.push(bytes)
  }
}
