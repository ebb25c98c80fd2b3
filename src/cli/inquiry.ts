/**
 * Inquiry: the connection on which a replica is asked what it holds.
 *
 *   open ─► AUTH ─► INFO, probes: what may be asked? ─► ask(question) ─► answer, or in words why not
 *
 * It only reads: MULTI … EXEC around INFO, TIME, SCAN, DUMP, DEBUG DIGEST-VALUE and PEXPIRETIME.
 */
import { type Address, addressText } from '../io/address.ts'
import { connectRedis, type RedisClient, RedisError } from '../io/redis-client.ts'
import {
  type Abilities,
  type Answer,
  answerOf,
  commandsOf,
  fieldsOf,
  type Question,
  standing,
  type Words,
} from '../shadow/question.ts'

/** The replica cannot be asked at all: no answer to a question is the reason to ask again. */
export class NotAskable extends Error {}

/** What every server answers to a probe that it understands, loading or not. */
const PROBE = 'syncscope:probe'

export class Inquiry {
  readonly abilities: Abilities
  /** `redis 7.0.15`. */
  readonly server: string
  readonly #client: RedisClient
  #isOver = false

  private constructor(client: RedisClient, abilities: Abilities, server: string) {
    this.#client = client
    this.abilities = abilities
    this.server = server
    void client.closed.then(() => {
      this.#isOver = true
    })
  }

  /** @throws Error where it cannot be reached now, NotAskable where trying again is of no use */
  static async open(address: Address): Promise<Inquiry> {
    const target = address.kind === 'unix' ? { path: address.path } : address
    const client = await connectRedis(target, { buffers: true })
    try {
      return await Inquiry.#begin(client, address)
    } catch (error) {
      await client.close()
      throw error
    }
  }

  static async #begin(client: RedisClient, address: Address): Promise<Inquiry> {
    const name = addressText(address)
    const run = async (...words: Words): Promise<unknown> => {
      const [reply] = await client.pipeline([words])
      return reply
    }
    if (address.kind === 'tcp' && address.login !== undefined && address.login.password !== '') {
      const { user, password } = address.login
      const reply = await run('AUTH', ...(user === '' ? [] : [user]), password)
      if (reply instanceof RedisError) throw new NotAskable(`${name}: ${reply.message}`)
    }
    const info = await run('INFO')
    if (info instanceof RedisError) {
      const hint = info.code === 'NOAUTH' ? ': --against redis://user:password@host:port logs in' : ''
      throw new NotAskable(`${name}: ${info.message}${hint}`)
    }
    const fields = fieldsOf(String(info))
    if (fields.get('cluster_enabled') === '1')
      throw new NotAskable(`${name}: the replica of a cluster cannot be asked about several slots at once`)
    const digest = await run('DEBUG', 'DIGEST-VALUE', PROBE)
    const expiry = await run('PEXPIRETIME', PROBE)
    for (const reply of [digest, expiry]) {
      if (reply instanceof RedisError && TRANSIENT.has(reply.code))
        throw new Error(`${name}: ${reply.message}`)
    }
    const dump = await run('DUMP', PROBE)
    if (dump instanceof RedisError) throw new NotAskable(`${name}: DUMP: ${dump.message}`)
    const valkey = fields.get('valkey_version')
    const [major = 0, minor = 0] = (fields.get('redis_version') ?? '').split('.').map(Number)
    const abilities = {
      hasDebug: !(digest instanceof RedisError),
      digestsAlike: valkey === undefined && (major < 7 || (major === 7 && minor < 2)),
      hasExpireTime: !(expiry instanceof RedisError),
    }
    const server = valkey === undefined ? `redis ${fields.get('redis_version')}` : `valkey ${valkey}`
    return new Inquiry(client, abilities, server)
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** @throws Error where the connection ends, NotAskable where this user may not ask */
  async ask(question: Question): Promise<Answer | string> {
    const answer = answerOf(question, await this.#client.pipeline(commandsOf(question, this.abilities)))
    if (typeof answer === 'string' && FORBIDDEN.test(answer)) throw new NotAskable(answer)
    return answer
  }

  /** Where the replica stands. @throws Error where the connection ends */
  async where(): Promise<ReturnType<typeof standing>> {
    return standing(fieldsOf(String(await this.#client.command('INFO', 'replication'))))
  }

  close(): void {
    void this.#client.close()
  }
}

/** It will not pass by itself. */
const FORBIDDEN = /^(?:NOPERM|NOAUTH) /
/** It will pass. */
const TRANSIENT = new Set(['LOADING', 'MASTERDOWN', 'BUSY'])
