/**
 * A subject that runs already: it is configured by CONFIG SET, emptied before each scenario, and put back at
 * the end.
 *
 *   start:  REPLICAOF NO ONE · FLUSHALL · parameters · counters to 0 · wait until its backlog is gone
 *   close:  REPLICAOF NO ONE · FLUSHALL · parameters as they were
 *
 * What cannot be done to a server that somebody else owns (a restart, another password) makes a scenario not
 * applicable.
 */
import { UsageError } from '../usage-error.ts'
import { type Address, addressText } from './address.ts'
import { connectRedis, type RedisClient } from './redis-client.ts'
import { infoFields } from './redis-process.ts'
import { type Instance, infoOf, loggedIn, NotApplicable, type Subject } from './subject.ts'
import type { SubjectClient } from './subject-client.ts'

type Tcp = Extract<Address, { kind: 'tcp' }>

/** Looked at once a second by the server: a backlog lives so long after its last replica, and a bit. */
const BACKLOG_MS = 4000
const POLL_MS = 50

/** @throws UsageError where it cannot be reached or asked */
export async function runningSubject(option: string, address: Address): Promise<Subject> {
  if (address.kind === 'unix')
    throw new UsageError(`${option}: a unix socket is no address to replicate from`)
  try {
    return await new RunningServer(address).open()
  } catch (error) {
    throw new UsageError(`${option} ${addressText(address)}: ${(error as Error).message}`, { cause: error })
  }
}

class RunningServer {
  readonly #address: Tcp
  readonly #login: readonly string[] | undefined
  #before: Readonly<Record<string, string>> = {}
  #users: readonly string[] = []
  #admin!: RedisClient
  #control: SubjectClient | undefined

  constructor(address: Tcp) {
    this.#address = address
    const { user, password } = address.login ?? { user: '', password: '' }
    this.#login = password === '' ? undefined : user === '' ? [password] : [user, password]
  }

  async open(): Promise<Subject> {
    const { host, port } = this.#address
    this.#admin = await connectRedis({ host, port })
    if (this.#login !== undefined) await this.#admin.command('AUTH', ...this.#login)
    this.#before = await this.#config()
    this.#users = await this.#userNames()
    const info = await this.#info('server')
    const flavour = info.valkey_version === undefined ? 'redis' : 'valkey'
    const name = addressText(this.#address)
    return {
      name,
      title: `${flavour} ${info.valkey_version ?? info.redis_version} at ${name}`,
      isShared: true,
      port: async () => port,
      start: (config) => this.#start(config),
      close: async () => {
        await this.#putBack()
        this.#control?.close()
        await this.#admin.close()
      },
    }
  }

  async #start(config: Readonly<Record<string, string | number>>): Promise<Instance> {
    if ('requirepass' in config) throw new NotApplicable('its password is its owner’s')
    await this.#putBack()
    await this.#forget()
    const needed = { 'repl-ping-replica-period': 3600, 'repl-diskless-sync-delay': 0, ...config }
    for (const [name, value] of Object.entries(needed)) await this.#set(name, value)
    await this.#admin.command('CONFIG', 'RESETSTAT')
    const base = Number((await this.#info('replication')).master_repl_offset)
    const { host, port } = this.#address
    return {
      host,
      port,
      base,
      client: () => loggedIn(port, host, this.#login),
      info: async (section) => {
        if (this.#control === undefined || this.#control.isClosed)
          this.#control = await loggedIn(port, host, this.#login)
        return await infoOf(this.#control, section)
      },
      restart: () => Promise.reject(new NotApplicable('it must not be restarted')),
      stop: () => this.#putBack(),
    }
  }

  async #set(name: string, value: string | number): Promise<void> {
    await this.#admin.command('CONFIG', 'SET', name, value).catch((error: Error) => {
      throw new NotApplicable(`it cannot be configured: ${name}: ${error.message}`)
    })
  }

  /** A history without replicas ends with its backlog; the next one begins with a new id. */
  async #forget(): Promise<void> {
    await this.#set('repl-backlog-ttl', 1)
    for (let waited = 0; waited < BACKLOG_MS; waited += POLL_MS) {
      if ((await this.#info('replication')).repl_backlog_active !== '1') break
      await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    }
    await this.#admin.command('CONFIG', 'SET', 'repl-backlog-ttl', this.#before['repl-backlog-ttl'] ?? 3600)
  }

  /** Also what a scenario itself has changed: parameters, users, the expiry cycle. */
  async #putBack(): Promise<void> {
    const say = (...words: readonly string[]) => this.#admin.command(...words).catch(() => undefined)
    await say('CLIENT', 'UNPAUSE')
    await say('REPLICAOF', 'NO', 'ONE')
    for (const [name, value] of Object.entries(await this.#config()))
      if (value !== this.#before[name]) await say('CONFIG', 'SET', name, this.#before[name] ?? '')
    for (const user of await this.#userNames())
      if (!this.#users.includes(user)) await say('ACL', 'DELUSER', user)
    await say('DEBUG', 'SET-ACTIVE-EXPIRE', '1')
    await say('FLUSHALL')
  }

  async #config(): Promise<Readonly<Record<string, string>>> {
    return pairs((await this.#admin.command('CONFIG', 'GET', '*')) as string[])
  }

  async #userNames(): Promise<readonly string[]> {
    const names = await this.#admin.command('ACL', 'USERS').catch(() => [])
    return Array.isArray(names) ? names.map(String) : []
  }

  async #info(section: string): Promise<Record<string, string>> {
    return infoFields(String(await this.#admin.command('INFO', section)))
  }
}

function pairs(list: readonly string[]): Record<string, string> {
  const fields: Record<string, string> = {}
  for (let i = 0; i + 1 < list.length; i += 2) fields[list[i]!] = list[i + 1]!
  return fields
}
