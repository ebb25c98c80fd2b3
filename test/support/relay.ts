/**
 * Relay: one TCP hop between a replica and its master, which a test breaks as networks break.
 *
 *   replica ──► relay ──► master
 *               cut · cut after n bytes · half-close · stall · refuse
 *
 * It knows of the protocol only what PSYNC was answered, so that a test can count what must be counted.
 */
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

type Hop = {
  readonly replica: Socket
  readonly master: Socket
  /** The beginning of what the master said, until PSYNC is answered. */
  head: string
}

const HEAD_BYTES = 2048

export class Relay {
  readonly #server: Server
  readonly #hops = new Set<Hop>()
  readonly #target: number
  #isStalled = false
  #left = Number.POSITIVE_INFINITY
  /** New connections are reset at once. */
  isRefusing = false
  /** Answers to PSYNC that came from the master. */
  readonly answers = { full: 0, partial: 0 }
  /** Connections that were let through to the master. */
  connections = 0

  private constructor(target: number) {
    this.#target = target
    this.#server = createServer((replica) => this.#join(replica))
  }

  /** A relay to a port of this machine; it is closed when the test is over. */
  static async open(target: number): Promise<Relay> {
    const relay = new Relay(target)
    await new Promise<void>((resolve) => relay.#server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => relay.close())
    return relay
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Resets all connections. */
  cut(): void {
    this.#left = Number.POSITIVE_INFINITY
    for (const { replica, master } of this.#hops) {
      replica.resetAndDestroy()
      master.resetAndDestroy()
    }
    this.#hops.clear()
  }

  /** After so many more bytes for the replica everything is cut, once. */
  cutAfter(bytes: number): void {
    this.#left = bytes
  }

  /** Says to one side that nothing more comes, and no word more. */
  halfClose(side: 'replica' | 'master'): void {
    for (const hop of this.#hops) {
      const [told, other] = side === 'replica' ? [hop.replica, hop.master] : [hop.master, hop.replica]
      other.removeAllListeners('data')
      other.resume()
      told.end()
    }
  }

  /** Bytes stay where they are, in both directions. */
  stall(): void {
    this.#isStalled = true
    for (const { replica, master } of this.#hops) {
      replica.pause()
      master.pause()
    }
  }

  flow(): void {
    this.#isStalled = false
    for (const { replica, master } of this.#hops) {
      replica.resume()
      master.resume()
    }
  }

  async close(): Promise<void> {
    this.cut()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #join(replica: Socket): void {
    replica.on('error', () => {})
    if (this.isRefusing) {
      replica.resetAndDestroy()
      return
    }
    this.connections++
    const master = connect({ port: this.#target, host: '127.0.0.1', noDelay: true })
    master.on('error', () => {})
    replica.setNoDelay(true)
    const hop: Hop = { replica, master, head: '' }
    this.#hops.add(hop)
    replica.on('data', (chunk) => pass(chunk, replica, master))
    master.on('data', (chunk) => this.#toReplica(hop, chunk))
    for (const [from, to] of [
      [replica, master],
      [master, replica],
    ] as const) {
      from.on('end', () => to.end())
      from.on('close', () => {
        to.destroy()
        this.#hops.delete(hop)
      })
    }
    if (this.#isStalled) this.stall()
  }

  #toReplica(hop: Hop, chunk: Buffer): void {
    this.#read(hop, chunk)
    if (chunk.length < this.#left) {
      this.#left -= chunk.length
      pass(chunk, hop.master, hop.replica)
      return
    }
    // What is passed on must be gone before the connection is.
    const { replica, master } = hop
    this.#hops.delete(hop)
    master.resetAndDestroy()
    replica.end(chunk.subarray(0, this.#left))
    this.#left = Number.POSITIVE_INFINITY
  }

  #read(hop: Hop, chunk: Buffer): void {
    if (hop.head.length >= HEAD_BYTES) return
    hop.head += chunk.toString('latin1', 0, HEAD_BYTES)
    const answer = /(?:^|\n)\+(FULLRESYNC|CONTINUE)\b/.exec(hop.head)
    if (answer === null) return
    hop.head = ' '.repeat(HEAD_BYTES)
    this.answers[answer[1] === 'CONTINUE' ? 'partial' : 'full']++
  }
}

function pass(chunk: Buffer, from: Socket, to: Socket): void {
  if (to.destroyed || to.write(chunk)) return
  from.pause()
  to.once('drain', () => from.resume())
}
