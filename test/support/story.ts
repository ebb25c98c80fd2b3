/**
 * Story: a group of servers to whom things happen, and what each of them logs of it. The same story told
 * with real servers and with references must leave the same lines in the same order.
 *
 *   const story = new Story(SERVE)
 *   const a = await story.start('a')
 *   await story.step('b follows a', () => b.client.command('REPLICAOF', …))
 *   story.told            { 'b follows a': { a: ['M * Replica <b> asks for synchronization', …], b: […] } }
 *
 * Of lines is kept what a reader of logs cares for: role, level, words. Ports are named after their servers,
 * ids and numbers blotted out; what comes again and again within a step (attempts) is told once, and what
 * another server does to it in its own time (leaves) behind the rest. Lines about what only one of the two
 * has (child processes, pages copied for them) are left out.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type RealRedis, type RealServer, type StartOptions, startRedis, waitFor } from './real-redis.ts'

/** Children and their memory; advice about the machine. */
const ONLY_REAL =
  /^C |copy-on-write|Fork CoW|by pid|Background saving started|DB saved on disk$|WARNING|Memory overcommit|Diskless rdb transfer, done reading/

/** A connection that another server has ended. */
const LEFT = /Connection with replica <\w+> lost/

export class Story {
  readonly server: RealServer
  /** Lines by step and server. */
  readonly told: Record<string, Record<string, string[]>> = {}
  readonly #names = new Map<number, string>()
  readonly #dirs = new Map<string, string>()
  readonly #running = new Map<string, { readonly redis: RealRedis; read: number }>()

  constructor(server: RealServer) {
    this.server = server
  }

  /** Starts a server; one that ran under this name before gets its port and its files again. */
  async start(name: string, config: Record<string, string | number> = {}): Promise<RealRedis> {
    const known = [...this.#names].find(([, other]) => other === name)?.[0]
    const options: StartOptions = {
      server: this.server,
      config: { dir: this.#dirOf(name), ...config },
      ...(known === undefined ? {} : { port: known }),
    }
    const redis = await startRedis(options)
    this.#names.set(redis.port, name)
    this.#running.set(name, { redis, read: 0 })
    return redis
  }

  /** SHUTDOWN, or 'kill'; what it logged last is taken into account first. */
  async end(name: string, how: readonly string[] | 'kill'): Promise<void> {
    const { redis } = this.#running.get(name)!
    if (how === 'kill') process.kill(redis.pid, 'SIGKILL')
    else await redis.client.command('SHUTDOWN', ...how).catch(() => {})
    await redis.client.closed
    if (how !== 'kill') await waitFor(() => /bye bye/.test(redis.log(3)), { what: `${name} to say good bye` })
    this.#take(Object.keys(this.told).at(-1)!)
    this.#running.delete(name)
    await redis.stop()
  }

  /** Something happens; `until` it has an end. */
  async step(what: string, happen: () => unknown): Promise<void> {
    this.told[what] = {}
    await happen()
    this.#take(what)
  }

  /** Lines that are a matter of chance. */
  forget(lines: RegExp): void {
    for (const step of Object.values(this.told)) {
      for (const name of Object.keys(step)) step[name] = step[name]!.filter((line) => !lines.test(line))
    }
  }

  #take(what: string): void {
    for (const [name, running] of this.#running) {
      const all = running.redis.log(100_000).split('\n')
      const lines = all.slice(running.read).map((line) => this.#plain(line))
      running.read = all.length
      const earlier = this.told[what]![name] ?? []
      const kept = [...earlier, ...lines.filter((line) => line !== '' && !ONLY_REAL.test(line))]
      const [own, others] = [false, true].map((is) => kept.filter((line) => LEFT.test(line) === is))
      this.told[what]![name] = [...new Set([...own!, ...others!.sort()])]
    }
  }

  #plain(line: string): string {
    const [, role, level, words] = /^\d+:([A-Z]) \d\d \w{3} \d{4} [\d:.]{12} (\S) (.*)$/.exec(line) ?? []
    if (words === undefined) return ''
    const plain = words
      .replace(/127\.0\.0\.1:(\d+)/g, (_, port) => `<${this.#names.get(Number(port)) ?? 'a client'}>`)
      .replace(/\b[0-9a-f]{40}\b/g, '<id>')
      .replace(/\bid=\d+ addr=.*(?='\))/, '<client>')
      .replace(/\d+(?:\.\d+)?/g, 'N')
    return `${role} ${level} ${plain}`
  }

  #dirOf(name: string): string {
    const known = this.#dirs.get(name)
    if (known !== undefined) return known
    const dir = mkdtempSync(join(tmpdir(), `syncscope-story-`))
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
    this.#dirs.set(name, dir)
    return dir
  }
}
