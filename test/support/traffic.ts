/**
 * Traffic: several clients that write all kinds of things to a server (workload.ts), until they are told to
 * stop. What a server answers is the server's business: errors are part of it.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { connectRedis, type RedisClient } from '../../src/io/redis-client.ts'
import { SimRandom } from './sim-random.ts'
import { randomTurn } from './workload.ts'

export class Traffic {
  readonly #running: Promise<unknown>[] = []
  readonly #clients: RedisClient[] = []
  #isOver = false
  /** Commands that were answered. */
  commands = 0

  /** @param pauseMs between two turns of a client, so that there is time for others */
  static async start(port: number, seed: number, { clients = 5, pauseMs = 2 } = {}): Promise<Traffic> {
    const traffic = new Traffic()
    const random = new SimRandom(seed)
    for (let i = 0; i < clients; i++) {
      const client = await connectRedis({ host: '127.0.0.1', port })
      traffic.#clients.push(client)
      traffic.#running.push(traffic.#run(client, random.fork(`client ${i}`), pauseMs))
    }
    return traffic
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
      await client.pipeline(turn)
      this.commands += turn.length
      await sleep(pauseMs)
    }
  }
}
