/**
 * Where `syncscope serve` listens: the addresses of `bind` with the port, and the unix socket.
 *
 *   bind * -::*        everywhere, by IPv4 and, where there is any, IPv6
 *   bind 127.0.0.1 -::1        a minus forgives an address that this machine has not
 *
 * Source: redis 7.0 `src/server.c`, listenToPort.
 */
import { pathText } from '../bytes/byte-string.ts'
import type { Address } from '../io/address.ts'
import { type Listening, listenFor } from '../io/server-socket.ts'
import { systemWords } from '../io/system-words.ts'
import type { Connection, Peer } from '../ports.ts'
import type { Settings } from '../server/config/settings.ts'

/** An address that is not there, or a protocol that this machine does not speak. */
const MISSING: ReadonlySet<string> = new Set(['EADDRNOTAVAIL', 'ENOTFOUND'])
const UNSPOKEN: ReadonlySet<string> = new Set(['EAFNOSUPPORT', 'EPROTONOSUPPORT', 'ENOPROTOOPT'])

/** What `serve` listens to, which CONFIG SET may change: one change after another. */
export class Listeners {
  readonly #connect: (peer: Peer) => Connection
  readonly #settings: Settings
  #port: number
  #tcp: Listening[] = []
  #unix: Listening | undefined
  /** No longer listening; their clients are still there. */
  readonly #retired = new Set<Listening>()
  /** What was asked for last; the next begins behind it. */
  #last: Promise<unknown> = Promise.resolve()
  #isClosed = false

  constructor(connect: (peer: Peer) => Connection, settings: Settings) {
    this.#connect = connect
    this.#settings = settings
    this.#port = settings.get('port')
  }

  /** It can be reached by TCP. */
  get hasTcp(): boolean {
    return this.#tcp.length > 0
  }

  /** Begins to listen. @returns what went wrong, in Redis's words; then nothing should be served */
  open(): Promise<string[]> {
    return this.#behind(() => this.#open())
  }

  async #open(): Promise<string[]> {
    const problems = await this.#openTcp()
    const path = pathText(this.#settings.get('unixsocket'))
    if (path !== '' && problems.length === 0) {
      const one = await this.#listen({ kind: 'unix', path })
      if (one instanceof Error) problems.push(`Failed opening Unix socket: bind: ${systemWords(one)}`)
      else this.#unix = one
    }
    const isNowhere = !this.hasTcp && this.#unix === undefined
    if (isNowhere && problems.length === 0) problems.push('Configured to not listen anywhere, exiting.')
    return problems
  }

  /**
   * Listens where `port` and `bind` say now, and no longer where they said before; who is connected stays so.
   * @returns what went wrong: it then listens nowhere new, and may have stopped before
   */
  move(): Promise<string[]> {
    return this.#behind(() => this.#move())
  }

  async #move(): Promise<string[]> {
    if (this.#isClosed) return []
    const before = this.#tcp
    // Addresses of one port may overlap: the old ones must go first.
    const isSamePort = this.#port === this.#settings.get<number>('port')
    this.#tcp = []
    if (isSamePort) this.#retire(before)
    const problems = await this.#openTcp()
    if (!isSamePort && problems.length === 0) this.#retire(before)
    else if (!isSamePort) this.#tcp = before
    if (problems.length === 0) this.#port = this.#settings.get('port')
    return problems
  }

  /** Ends all connections, and listens nowhere any more. */
  close(): Promise<void> {
    return this.#behind(async () => {
      this.#isClosed = true
      const unix = this.#unix === undefined ? [] : [this.#unix]
      await Promise.all([...this.#tcp, ...unix, ...this.#retired].map((one) => one.close()))
    })
  }

  #behind<T>(run: () => Promise<T>): Promise<T> {
    const result = this.#last.then(run)
    this.#last = result
    return result
  }

  #retire(old: readonly Listening[]): void {
    for (const one of old) {
      this.#retired.add(one)
      one.retire(() => this.#retired.delete(one))
    }
  }

  async #openTcp(): Promise<string[]> {
    const port = this.#settings.get<number>('port')
    const opened: Listening[] = []
    for (const { host, isOptional } of port === 0 ? [] : hosts(this.#settings)) {
      const one = await this.#listen({ kind: 'tcp', host, port })
      if (!(one instanceof Error)) {
        opened.push(one)
        continue
      }
      const { code = '' } = one
      if (UNSPOKEN.has(code) || (isOptional && MISSING.has(code))) continue
      this.#retire(opened)
      const why = `bind: ${systemWords(one)}`
      return [
        `Warning: Could not create server TCP listening socket ${host}:${port}: ${why}`,
        `Failed listening on port ${port} (TCP), aborting.`,
      ]
    }
    this.#tcp = opened
    return []
  }

  async #listen(address: Address): Promise<Listening | NodeJS.ErrnoException> {
    try {
      return await listenFor(this.#connect, address, optionsOf(this.#settings))
    } catch (error) {
      const { cause } = error as Error
      return cause instanceof Error ? cause : (error as Error)
    }
  }
}

function optionsOf(settings: Settings) {
  return {
    backlog: settings.get<number>('tcp-backlog'),
    unixMode: settings.get<number>('unixsocketperm'),
    keepAliveSeconds: () => settings.get<number>('tcp-keepalive'),
  }
}

function hosts(settings: Settings): { readonly host: string; readonly isOptional: boolean }[] {
  return settings
    .get<string>('bind')
    .split(' ')
    .filter(Boolean)
    .map((word) => {
      const host = word.replace(/^-/, '')
      return {
        host: host === '*' ? '0.0.0.0' : host === '::*' ? '::' : host,
        isOptional: word.startsWith('-'),
      }
    })
}

/** The name of the process, as proc-title-template makes it. */
export function processTitle(settings: Settings, file = ''): string {
  const port = settings.get<number>('port')
  const [first = '*'] = settings.get<string>('bind').split(' ')
  const socket = settings.get<string>('unixsocket')
  const fields: Readonly<Record<string, string>> = {
    title: 'syncscope serve',
    'listen-addr': port === 0 ? socket : `${first}:${port}`,
    'server-mode': '',
    port: String(port),
    'tls-port': '0',
    unixsocket: socket,
    'config-file': file,
  }
  const template = settings.get<string>('proc-title-template')
  return template.replace(/\{([^{}]*)\}/g, (_, name) => fields[name] ?? '').trim()
}
