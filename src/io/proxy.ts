/**
 * The proxy: pairs each connection that comes in with one to the master and carries bytes between them.
 *
 *   replica ◄──socket──► [ forward first, decode second ] ◄──socket──► master
 *
 * Order of things for each chunk: write it to the other side, stop reading if that side is full, then show
 * the same bytes to the conversation. Whatever the conversation does (a fault, even a bug that throws),
 * bytes flow on.
 *
 * How bytes move is leg.ts; here stands who is connected to whom, and how it ends: half-close and reset are
 * passed on as what they are. Where capabilities are to be stripped, an editor stands before the master's
 * socket; nobody else's bytes are ever changed.
 */
import { createServer, type Server, type Socket } from 'node:net'
import { CapaStripper, type Strip } from '../replication/capa-stripper.ts'
import type { HowClosed, Micros, Side } from '../replication/events.ts'
import { UsageError } from '../usage-error.ts'
import { type Address, addressText, remoteText } from './address.ts'
import { adopt, type Carriage, dial, type Leg } from './leg.ts'

export type ProxyOptions = {
  readonly listen: Address
  readonly master: Address
  readonly now: () => Micros
  /** A connection was made on both legs: gives what understands it. */
  readonly converse: (replica: string, master: string, at: Micros) => Watcher
  /** Capabilities that are taken out of what replicas say; none by default. */
  readonly strip?: readonly string[]
  /** Something is wrong that no event says: one line for the user. */
  readonly notice: (line: string) => void
}

export type ProxyServer = {
  /** Where it listens, with the port the system chose if 0 was asked for. */
  readonly address: string
  /** Ends all links and stops listening. */
  close(): Promise<void>
}

/** Who is shown what passes on one connection: a Conversation, or what stands around one. */
export type Watcher = {
  push(side: Side, chunk: Buffer, at: Micros): void
  /** A request of the replica, in the bytes that it is shown next, was changed on its way. */
  stripped(strip: Strip): void
  /** This side sends no more; the other may. */
  ending(side: Side, at: Micros): void
  end(side: Side, how: HowClosed, at: Micros): void
}

/** @throws UsageError if it cannot listen there */
export async function openProxy(options: ProxyOptions): Promise<ProxyServer> {
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
  await listen(server, options.listen)
  server.on('error', (error) => options.notice(`listening socket: ${error.message}`))
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
  readonly #accepted: Socket
  readonly #master: Leg
  /** Nothing is read from the replica before the master has answered. */
  #replica: Leg | undefined
  #conversation: Watcher | undefined
  #stripper: CapaStripper | undefined
  /** Who ended the connection first, and how. */
  #ending: { readonly side: Side; readonly how: HowClosed } | undefined
  #open = 2
  #tellOver: () => void = () => {}
  readonly #isOver = new Promise<void>((resolve) => {
    this.#tellOver = resolve
  })

  constructor(accepted: Socket, options: ProxyOptions, events: PairEvents) {
    this.#accepted = accepted.on('error', () => {})
    this.#options = options
    this.#events = events
    this.#master = dial(options.master)
    const { socket } = this.#master
    socket.once('error', (error) => this.#unreachable(error))
    socket.once('connect', () => {
      socket.removeAllListeners('error')
      this.#connected()
    })
  }

  /** Ends both connections, as we stop watching; resolves when the conversation has been told. */
  close(): Promise<void> {
    this.#ending ??= { side: 'master', how: 'end-of-input' }
    this.#master.socket.destroy()
    if (this.#replica === undefined) {
      this.#accepted.destroy()
      this.#over()
    } else this.#replica.socket.destroy()
    return this.#isOver
  }

  #unreachable(error: NodeJS.ErrnoException): void {
    this.#events.unreachable(error)
    this.#accepted.destroy()
    this.#over()
  }

  #connected(): void {
    const options = this.#options
    this.#events.connected()
    const master = this.#master
    const replica = adopt(this.#accepted)
    this.#replica = replica
    this.#conversation = options.converse(
      remoteText(replica.socket, addressText(options.listen)),
      remoteText(master.socket, addressText(options.master)),
      options.now(),
    )
    replica.forward(this.#toMaster(), (chunk) => this.#show('replica', chunk))
    master.forward(replica.socket, (chunk) => this.#show('master', chunk))
    this.#follow('replica', replica.socket, master.socket)
    this.#follow('master', master.socket, replica.socket)
    replica.socket.resume()
  }

  #toMaster(): Carriage {
    const { socket } = this.#master
    const { strip = [] } = this.#options
    if (strip.length === 0) return socket
    const stripper = new CapaStripper(strip, (change) => this.#conversation?.stripped(change))
    this.#stripper = stripper
    return {
      write: (chunk, taken) => socket.write(stripper.push(chunk), taken),
      get writableLength() {
        return socket.writableLength
      },
    }
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

  #follow(side: Side, socket: Socket, other: Socket): void {
    socket.on('end', () => {
      this.#ending ??= { side, how: 'fin' }
      this.#conversation?.ending(side, this.#options.now())
      if (side === 'replica' && this.#stripper !== undefined) other.write(this.#stripper.end())
      other.end()
    })
    socket.on('error', () => {
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
