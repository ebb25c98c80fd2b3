/**
 * The proxy: pairs each connection that comes in with one to the master and carries bytes between them.
 *
 *   replica ◄──socket──► [ forward first, decode second ] ◄──socket──► master
 *
 * Order of things for each chunk: write it to the other side, stop reading if that side is full, then show the same
 * bytes to the conversation. Whatever the conversation does (a fault, even a bug that throws), bytes flow on.
 *
 * The heavy direction, master to replica, reads into one buffer per connection that is used again as soon as the
 * kernel has taken its bytes; when the kernel does not take them at once, reading pauses until it has. So a link costs
 * one buffer, however far its replica is behind, and both ends see the other's TCP window almost as without us.
 * Half-close and reset are passed on as what they are.
 */
import { connect, createServer, type NetConnectOpts, type Server, type Socket } from 'node:net'
import type { Conversation } from '../replication/conversation.ts'
import type { HowClosed, Micros, Side } from '../replication/events.ts'
import { UsageError } from '../usage-error.ts'
import { type Address, addressText, remoteText } from './address.ts'

/** Read buffers grow when a read fills them: most links are quiet, a full sync wants few, large reads. */
const READ_BYTES_FIRST = 64 * 1024
const READ_BYTES_LARGE = 256 * 1024

export type ProxyOptions = {
  readonly listen: Address
  readonly master: Address
  readonly now: () => Micros
  /** A connection was made on both legs: gives what understands it. */
  readonly converse: (replica: string, master: string, at: Micros) => Conversation
  /** Something is wrong that no event says: one line for the user. */
  readonly notice: (line: string) => void
}

export type Proxy = {
  /** Where it listens, with the port the system chose if 0 was asked for. */
  readonly address: string
  /** Ends all links and stops listening. */
  close(): Promise<void>
}

/** @throws UsageError if it cannot listen there */
export async function openProxy(options: ProxyOptions): Promise<Proxy> {
  const pairs = new Set<Pair>()
  let masterIsAway = false
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, (replica) => {
    const pair = new Pair(replica, options, {
      connected: () => {
        if (masterIsAway) options.notice(`master ${addressText(options.master)} answers again`)
        masterIsAway = false
      },
      unreachable: (error) => {
        if (!masterIsAway) options.notice(unreachable(options.master, error))
        masterIsAway = true
      },
      over: () => pairs.delete(pair),
    })
    pairs.add(pair)
  })
  server.on('error', (error) => options.notice(`listening socket: ${error.message}`))
  await listen(server, options.listen)
  return {
    address: boundTo(server, options.listen),
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      await Promise.all([...pairs].map((pair) => pair.close()))
      await closed
    },
  }
}

/** The only ways in which a pair concerns the others. */
type PairEvents = {
  readonly connected: () => void
  readonly unreachable: (error: NodeJS.ErrnoException) => void
  readonly over: () => void
}

/** One replica's connection and the one we made to the master for it. */
class Pair {
  readonly #options: ProxyOptions
  readonly #events: PairEvents
  readonly #sockets: Readonly<Record<Side, Socket>>
  #conversation: Conversation | undefined
  /** Where the master's bytes are read into. */
  #buffer = Buffer.allocUnsafeSlow(READ_BYTES_FIRST)
  /** Who ended the connection first, and how. */
  #ending: { readonly side: Side; readonly how: HowClosed } | undefined
  #connectedOnce = false
  #open = 2
  #tellOver: () => void = () => {}
  readonly #isOver = new Promise<void>((resolve) => {
    this.#tellOver = resolve
  })

  constructor(replica: Socket, options: ProxyOptions, events: PairEvents) {
    this.#options = options
    this.#events = events
    const master = connect({
      ...target(options.master),
      allowHalfOpen: true,
      noDelay: true,
      onread: { buffer: () => this.#buffer, callback: (size: number) => this.#fromMaster(size) },
    } as NetConnectOpts)
    this.#sockets = { replica, master }
    master.once('connect', () => this.#connected())
    this.#follow('replica')
    this.#follow('master')
  }

  /** Ends both connections, as we stop watching; resolves when the conversation has been told. */
  close(): Promise<void> {
    this.#ending ??= { side: 'master', how: 'end-of-input' }
    this.#sockets.replica.destroy()
    this.#sockets.master.destroy()
    return this.#isOver
  }

  #connected(): void {
    const { replica, master } = this.#sockets
    const options = this.#options
    this.#connectedOnce = true
    this.#events.connected()
    this.#conversation = options.converse(
      remoteText(replica, addressText(options.listen)),
      remoteText(master, addressText(options.master)),
      options.now(),
    )
    replica.on('data', (chunk) => this.#fromReplica(chunk))
    replica.resume()
  }

  #fromReplica(chunk: Buffer): void {
    const { replica, master } = this.#sockets
    if (!master.write(chunk)) {
      replica.pause()
      master.once('drain', () => replica.resume())
    }
    this.#show('replica', chunk)
  }

  readonly #written = (): void => {
    if (this.#sockets.master.isPaused()) this.#sockets.master.resume()
  }

  /** `size` bytes were read into the buffer. Returns true: reading is stopped by pause(), not by the result. */
  #fromMaster(size: number): boolean {
    const { replica, master } = this.#sockets
    const chunk = this.#buffer.subarray(0, size)
    // Until the kernel has taken all of it, the buffer must not be read into again.
    replica.write(chunk, this.#written)
    if (replica.writableLength > 0) master.pause()
    this.#show('master', chunk)
    if (size === this.#buffer.length && size < READ_BYTES_LARGE) {
      this.#buffer = Buffer.allocUnsafeSlow(READ_BYTES_LARGE)
    }
    return true
  }

  #show(side: Side, chunk: Buffer): void {
    if (this.#conversation === undefined) return
    try {
      this.#conversation.push(side, chunk, this.#options.now())
    } catch (error) {
      this.#stopDecoding(error)
    }
  }

  /** A bug of ours must not cost the user a link: say so once, and only carry bytes from here on. */
  #stopDecoding(error: unknown): void {
    this.#conversation = undefined
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error)
    this.#options.notice(
      `a bug in syncscope ended decoding of one connection; its bytes are still forwarded: ${what}`,
    )
  }

  #follow(side: Side): void {
    const socket = this.#sockets[side]
    const other = this.#sockets[side === 'replica' ? 'master' : 'replica']
    socket.on('end', () => {
      this.#ending ??= { side, how: 'fin' }
      other.end()
    })
    socket.on('error', (error: NodeJS.ErrnoException) => {
      const neverConnected = side === 'master' && !this.#connectedOnce
      if (neverConnected && this.#ending === undefined) {
        this.#events.unreachable(error)
        other.destroy()
      }
      this.#ending ??= { side, how: 'reset' }
      reset(other)
    })
    socket.on('close', () => {
      // Closed without having ended: destroyed by us, or by the peer in a way Node does not name.
      if (!other.destroyed && !other.writableEnded) other.end()
      this.#open--
      if (this.#open === 0) this.#over()
    })
  }

  #over(): void {
    const { side, how } = this.#ending ?? { side: 'replica', how: 'fin' }
    try {
      this.#conversation?.end(side, how, this.#options.now())
    } catch (error) {
      this.#stopDecoding(error)
    }
    this.#events.over()
    this.#tellOver()
  }
}

/** What was written before is delivered first, as on a direct link; then the peer sees a reset. */
function reset(socket: Socket): void {
  if (socket.destroyed) return
  const drop = (): void => {
    // A unix socket knows no reset.
    if (socket.remoteAddress === undefined) socket.destroy()
    else socket.resetAndDestroy()
  }
  if (socket.writableLength === 0 || socket.connecting) drop()
  else socket.write(Buffer.alloc(0), drop)
}

function target(address: Address): { path: string } | { host: string; port: number } {
  return address.kind === 'unix' ? { path: address.path } : { host: address.host, port: address.port }
}

async function listen(server: Server, address: Address): Promise<void> {
  const failed = new Promise<never>((_, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why =
        error.code === 'EADDRINUSE' ? 'the address is in use: choose another with --listen' : error.message
      reject(new UsageError(`cannot listen on ${addressText(address)}: ${why}`, { cause: error }))
    })
  })
  await Promise.race([new Promise<void>((resolve) => server.listen(target(address), resolve)), failed])
}

function boundTo(server: Server, asked: Address): string {
  const bound = server.address()
  if (bound === null || typeof bound === 'string' || asked.kind === 'unix') return addressText(asked)
  return addressText({ kind: 'tcp', host: bound.address, port: bound.port })
}

const WHY: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ENOENT: 'no such socket',
  ENOTFOUND: 'no such host',
  ETIMEDOUT: 'no answer',
  EHOSTUNREACH: 'no route to host',
}

function unreachable(master: Address, error: NodeJS.ErrnoException): string {
  const why = WHY[error.code ?? ''] ?? error.message
  return (
    `cannot reach master ${addressText(master)}: ${why}. ` +
    'Replicas are closed until it answers; trying again with each of them.'
  )
}
