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
}

export class Traffic {
  readonly #running: Promise<unknown>[] = []
  readonly #clients: RedisClient[] = []
  readonly #without: readonly string[]
  #isOver = false
  /** Commands that were answered. */
  commands = 0

  static async start(port: number, seed: number, options: TrafficOptions = {}): Promise<Traffic> {
    const { clients = 5, pauseMs = 2, without = [] } = options
    const traffic = new Traffic(without)
    const random = new SimRandom(seed)
    for (let i = 0; i < clients; i++) {
      const client = await connectRedis({ host: '127.0.0.1', port })
      traffic.#clients.push(client)
      traffic.#running.push(traffic.#run(client, random.fork(`client ${i}`), pauseMs))
    }
    return traffic
  }

  private constructor(without: readonly string[]) {
    this.#without = without
  }

  /** Ends after what is on its way. @throws Error where a client was lost */
  async stop(): Promise<number> {
    this.#isOver = true
    await Promise.all(this.#running)
    await Promise.all(this.#clients.map((client) => client.close()))
    return this.commands
  }

  async #run(client: RedisClient, random: SimRandom, pauseMs: number): Promise<void> {
    while (!this.#isOver) {
      const turn = randomTurn(random)
      if (turn.some(([name]) => this.#without.includes(String(name)))) continue
      await client.pipeline(turn)
      this.commands += turn.length
      await sleep(pauseMs)
    }
  }
}
