/**
 * Subjects: servers under test, each started anew, or one that runs already and may be written.
 *
 *   real · reference · PATH    a process of its own with the configuration that is asked for
 *   ADDRESS                    configured by CONFIG SET, emptied before each scenario, put back at the end
 *
 * All servers are asked and spoken to in the same way; that is the point of comparing them.
 */
import { rmSync } from 'node:fs'
import { fromText } from '../bytes/byte-string.ts'
import { UsageError } from '../usage-error.ts'
import { addressText, parseAddress } from './address.ts'
import {
  defaultServer,
  describeServer,
  freePort,
  HOW_TO_GET_REDIS,
  infoFields,
  newServerDir,
  type RealServer,
  startRedis,
} from './redis-process.ts'
import { SubjectClient } from './subject-client.ts'

/** The name of the reference server as a subject. */
export const REFERENCE = 'reference'

/** What a scenario asks for cannot be had of this subject; the message says why. */
export class NotApplicable extends Error {}

export type Restart = 'save' | 'nosave' | 'kill'

/** A server of this run. */
export type Instance = {
  readonly host: string
  readonly port: number
  /** The replication offset at which it stood when the scenario began: it may have a past. */
  readonly base: number
  /** The fields of INFO, all of them or a section's; undefined where it does not answer. */
  info(section?: string): Promise<Record<string, string> | undefined>
  /** A new connection of a client, logged in where the server asks for a password. */
  client(): Promise<SubjectClient>
  /** @throws NotApplicable */
  restart(how: Restart): Promise<void>
  stop(): Promise<void>
}

export type Subject = {
  /** As it was asked for: `real`, `reference`, a path, an address. */
  readonly name: string
  /** `redis 7.0.15` */
  readonly title: string
  /** Only one scenario at a time can have it. */
  readonly isShared: boolean
  start(config: Readonly<Record<string, string | number>>, port?: number): Promise<Instance>
  /** Where an instance will listen, decided before it starts. */
  port(): Promise<number>
  /** Puts back what was changed. */
  close(): Promise<void>
}

/**
 * @param name `real`, `reference`, a path, or an address
 * @param reference how the reference server is started: an executable and what stands before its file
 * @throws UsageError
 */
export async function openSubject(
  option: string,
  name: string,
  reference: readonly [path: string, ...args: string[]],
  allowsWrites: boolean,
): Promise<Subject> {
  if (name === REFERENCE) {
    const [path, ...args] = reference
    return executable(name, { path, args, name: REFERENCE, flavour: 'redis', version: '7.0.15', major: 7 })
  }
  if (name === 'real') {
    const server = defaultServer()
    if (server === undefined)
      throw new UsageError(`${option} real: no redis-server found: ${HOW_TO_GET_REDIS}`)
    return executable(name, server)
  }
  if (/^(unix:|rediss?:\/\/)|^[^/]*:\d+$/.test(name)) {
    const address = parseAddress(name, option)
    if (!allowsWrites)
      throw new UsageError(
        `${option} ${addressText(address)}: it would be emptied and reconfigured: --allow-writes permits it`,
      )
    const { runningSubject } = await import('./subject-address.ts')
    return await runningSubject(option, address)
  }
  try {
    return executable(name, describeServer(name))
  } catch (cause) {
    throw new UsageError(`${option} ${name}: no Redis or Valkey server executable, and no address`, { cause })
  }
}

function executable(name: string, server: RealServer): Subject {
  return {
    name,
    title: server.name,
    isShared: false,
    port: freePort,
    close: async () => {},
    start: async (config, port) => {
      const dir = newServerDir()
      const options = { server, config: { 'repl-ping-replica-period': 3600, ...config }, dir }
      const password = config.requirepass
      let redis = await startRedis({ ...options, ...(port === undefined ? {} : { port }) })
      const where = { host: redis.host, port: redis.port }
      let control: SubjectClient | undefined
      const client = () =>
        loggedIn(where.port, where.host, password === undefined ? undefined : [`${password}`])
      return {
        ...where,
        base: 0,
        client,
        info: async (section) => {
          try {
            if (control === undefined || control.isClosed) control = await client()
            return await infoOf(control, section)
          } catch {
            return undefined
          }
        },
        restart: async (how) => {
          if (how !== 'kill') await redis.client.command('SHUTDOWN', how).catch(() => {})
          await redis.stop()
          redis = await startRedis({ ...options, port: where.port })
        },
        stop: async () => {
          control?.close()
          await redis.stop()
          rmSync(dir, { recursive: true, force: true })
        },
      }
    },
  }
}

/** INFO as it is asked through a client; undefined where it is not given. */
export async function infoOf(
  client: SubjectClient,
  section = 'all',
): Promise<Record<string, string> | undefined> {
  const value = await client.command(['INFO', section].map(fromText))
  return value?.type === 'bulk' && typeof value.value === 'string' ? infoFields(value.value) : undefined
}

/** A new connection of a client, logged in where there is a login. */
export async function loggedIn(
  port: number,
  host: string,
  login: readonly string[] | undefined,
): Promise<SubjectClient> {
  const client = await SubjectClient.open(port, host)
  if (login !== undefined) await client.command(['AUTH', ...login].map(fromText))
  return client
}
