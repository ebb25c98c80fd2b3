/**
 * Three real Sentinels watch three reference servers, each a process of its own: the master is killed, and
 * nothing that a replica had acknowledged is lost.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { connectRedis, type Reply } from '../../src/io/redis-client.ts'
import {
  describeWithRedis,
  freePort,
  infoFields,
  type RealRedis,
  startRedis,
  waitFor,
} from '../support/real-redis.ts'
import { type Sentinels, startSentinels } from '../support/sentinels.ts'
import { SERVE } from '../support/serve.ts'

/** Writes where Sentinels say that the master is; remembers what WAIT 1 confirmed. */
class AskingWriter {
  readonly #sentinels: Sentinels
  #isOver = false
  readonly confirmed: string[] = []
  #count = 0

  constructor(sentinels: Sentinels) {
    this.#sentinels = sentinels
  }

  async run(): Promise<void> {
    while (!this.#isOver) {
      const port = await this.#sentinels.masterPort()
      // Whom they name may be dead, or a replica by now: they are asked again.
      await this.#write(port).catch(() => sleep(50))
    }
  }

  stop(): void {
    this.#isOver = true
  }

  async #write(port: number): Promise<void> {
    const client = await connectRedis({ host: '127.0.0.1', port })
    try {
      while (!this.#isOver) {
        const key = `key:${this.#count++}`
        const [set, acked] = await client.pipeline([
          ['SET', key, key],
          ['WAIT', 1, 500],
        ])
        if (set !== 'OK') throw set
        if (Number(acked) >= 1) this.confirmed.push(key)
        await sleep(2)
      }
    } finally {
      await client.close()
    }
  }
}

/**
 * On a connection of its own, and again where that breaks: Sentinels cut off the clients of whom they tell
 * whom to follow.
 */
async function ask({ port }: RealRedis, ...words: string[]): Promise<Reply> {
  const answer = await waitFor(() => askOnce(port, words).catch(onlyIfBroken), {
    what: `an answer to ${words.join(' ').slice(0, 40)} on port ${port}`,
  })
  return answer.reply
}

async function askOnce(port: number, words: readonly string[]): Promise<{ readonly reply: Reply }> {
  const client = await connectRedis({ host: '127.0.0.1', port })
  try {
    return { reply: await client.command(...words) }
  } finally {
    await client.close()
  }
}

function onlyIfBroken(error: Error): undefined {
  if (!/^no reply to /.test(error.message)) throw error
}

async function info(redis: RealRedis, section: string): Promise<Record<string, string>> {
  return infoFields(String(await ask(redis, 'INFO', section)))
}

const isUp = async (replica: RealRedis, master: RealRedis): Promise<boolean> => {
  const { master_link_status, master_port } = await info(replica, 'replication')
  return master_link_status === 'up' && Number(master_port) === master.port
}

/** A file as CONFIG REWRITE left it. */
const configured = (redis: RealRedis): string =>
  /^(?:replicaof|slaveof) .*$/m.exec(readFileSync(join(redis.dir, 'redis.conf'), 'utf8'))?.[0] ?? ''

describeWithRedis('three Sentinels', (server) => {
  it('fail over from a master that is killed to a replica, and lose nothing', {
    timeout: 90_000,
  }, async () => {
    const port = await freePort()
    const following = { replicaof: `127.0.0.1 ${port}` }
    const [master, ...replicas] = await Promise.all([
      startRedis({ server: SERVE, port }),
      startRedis({ server: SERVE, config: following }),
      startRedis({ server: SERVE, config: following }),
    ])
    for (const replica of replicas)
      await waitFor(() => isUp(replica, master), { what: 'a replica to follow' })
    const sentinels = await startSentinels(server, port)
    await waitFor(
      async () => {
        const seen = [await sentinels.fields('num-slaves'), await sentinels.fields('num-other-sentinels')]
        return seen.flat().every((count) => count === '2')
      },
      { what: 'the sentinels to know all and each other', timeoutMs: 20_000 },
    )
    const writer = new AskingWriter(sentinels)
    const writing = writer.run()
    await waitFor(() => writer.confirmed.length > 100, { what: 'some writes' })

    process.kill(master.pid, 'SIGKILL')
    await waitFor(async () => (await sentinels.masterPort()) !== port, {
      what: 'another master to be named',
      timeoutMs: 30_000,
    }).catch((error: Error) => {
      throw new Error(`${error.message}\n${sentinels.log.slice(-30).join('\n')}`)
    })
    const atFailover = writer.confirmed.length
    const named = await sentinels.masterPort()
    const promoted = replicas.find((replica) => replica.port === named)!
    const other = replicas.find((replica) => replica !== promoted)!
    expect((await info(promoted, 'replication')).role).toBe('master')
    await waitFor(() => isUp(other, promoted), { what: 'the other to follow it', timeoutMs: 20_000 })
    await waitFor(() => writer.confirmed.length > atFailover + 20, { what: 'writes to go on' })

    await master.stop()
    const back = await startRedis({ server: SERVE, port })
    await waitFor(async () => (await info(back, 'replication')).role === 'slave', {
      what: 'the old master to be told whom to follow',
      timeoutMs: 30_000,
    })
    await waitFor(() => isUp(back, promoted), { what: 'the old master to follow', timeoutMs: 20_000 })
    writer.stop()
    await writing

    const keys = writer.confirmed
    for (const redis of [promoted, other, back]) {
      await waitFor(
        async () => (await ask(redis, 'DEBUG', 'DIGEST')) === (await ask(promoted, 'DEBUG', 'DIGEST')),
        { what: 'equal data' },
      )
      const values = (await ask(redis, 'MGET', ...keys)) as string[]
      expect(keys.filter((key, i) => values[i] !== key)).toEqual([])
      // All that Sentinels said was understood.
      const errors = await info(redis, 'errorstats')
      expect(
        Object.keys(errors).filter((name) => !/LOADING|READONLY|MASTERDOWN|NOMASTERLINK/.test(name)),
      ).toEqual([])
    }
    // What they were told is in their files too.
    expect([promoted, other, back].map(configured)).toEqual([
      '',
      ...Array(2).fill(`replicaof 127.0.0.1 ${promoted.port}`),
    ])
  })
})
