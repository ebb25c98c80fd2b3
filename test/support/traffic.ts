/**
 * Traffic: several clients that write all kinds of things to a server (workload.ts), until they are told to
 * stop. What a server answers is the server's business: errors are part of it.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { connectRedis, type RedisClient } from '../../src/io/redis-client.ts'
import { SimRandom } from './sim-random.ts'
import { randomTurn } from './workload.ts'

export type TrafficOptions = {
  readonly clients?: number
  /** Between two turns of a client, so that there is time for others. */
  readonly pauseMs?: number
  /** Commands that nobody sends. FLUSHALL also ends a snapshot that is being written. */
  readonly without?: readonly string[]
  /** Clients come back when they are cut off, as those who wait are where a master becomes a replica. */
  readonly comesBack?: boolean
}

export class Traffic {
  readonly #port: number
  readonly #pauseMs: number
  readonly #without: readonly string[]
  readonly #comesBack: boolean
  #running: Promise<unknown> = Promise.resolve()
  #isOver = false
  /** Commands that were answered. */
  commands = 0

  private constructor(port: number, { pauseMs = 2, without = [], comesBack = false }: TrafficOptions) {
    this.#port = port
    this.#pauseMs = pauseMs
    this.#without = without
    this.#comesBack = comesBack
  }

  static async start(port: number, seed: number, options: TrafficOptions = {}): Promise<Traffic> {
    const { clients = 5 } = options
    const traffic = new Traffic(port, options)
    const random = new SimRandom(seed)
    const opened = await Promise.all(Array.from({ length: clients }, () => traffic.#open()))
    traffic.#running = Promise.all(
      opened.map((client, i) => traffic.#run(client, random.fork(`client ${i}`))),
    )
    // Who is lost is told by stop().
    traffic.#running.catch(() => {})
    return traffic
  }

  /** Ends after what is on its way. @throws Error where a client was lost that does not come back */
  async stop(): Promise<number> {
    this.#isOver = true
    await this.#running
    return this.commands
  }

  #open(): Promise<RedisClient> {
    return connectRedis({ host: '127.0.0.1', port: this.#port })
  }

  async #run(first: RedisClient, random: SimRandom): Promise<void> {
    let client = first
    try {
      while (!this.#isOver) {
        const turn = randomTurn(random)
        if (turn.some(([name]) => this.#without.includes(String(name)))) continue
        await client.pipeline(turn).catch(async (error: Error) => {
          if (!this.#comesBack) throw error
          client = await this.#open()
        })
        this.commands += turn.length
        await sleep(this.#pauseMs)
      }
    } finally {
      await client.close()
    }
  }
}
