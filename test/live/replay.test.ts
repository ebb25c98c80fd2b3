/**
 * What was recorded of one pair of servers is played to another: the replica, or the server to which it is applied, ends with
 * the digest that the recorded replica had.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, it, onTestFinished } from 'vitest'
import { Secrets } from '../../src/replication/secrets.ts'
import { Recorder } from '../../src/sink/recorder.ts'
import { type LiveProxy, liveProxy } from '../support/live-proxy.ts'
import {
  caughtUp,
  describeWithRedis,
  freePort,
  type RealRedis,
  type RealServer,
  startRedis,
  waitFor,
} from '../support/real-redis.ts'
import { MemoryRecording } from '../support/recordings.ts'

const MAIN = new URL('../../src/cli/main.ts', import.meta.url).pathname
const LIBRARY = "#!lua name=lib\nredis.register_function('f', function() return 1 end)"

type Session = {
  readonly path: string
  readonly digest: string
  readonly offset: number
  /** Of its resyncs. */
  readonly modes: readonly unknown[]
  readonly master: RealRedis
}

/** Writes of every kind: several databases, expiry, transactions, functions, a large value. */
async function write({ client }: RealRedis, prefix: string): Promise<void> {
  const c = (line: string) => client.command(...line.split(' '))
  await c('SELECT 3')
  await c(`HSET ${prefix}:h f v g 1.5`)
  await c(`EXPIRE ${prefix}:h 5000`)
  await c('SELECT 0')
  await c(`SET ${prefix}:ttl x EX 5000`)
  await c('MULTI')
  await c('INCR n')
  await c(`RPUSH ${prefix}:l a b c`)
  await c('EXEC')
  await c(`XADD ${prefix}:x * f v`)
  await c(`XGROUP CREATE ${prefix}:x g 0`)
  await c(`ZADD ${prefix}:z 1.5 m 2 o`)
  await client.command('SET', `${prefix}:large`, Buffer.alloc(1_500_000, 'L'))
  await client.command('FUNCTION', 'LOAD', LIBRARY.replace('lib', prefix).replace("'f'", `'${prefix}'`))
}

/** A full sync, a partial one, and writes before, between and after them. */
async function recorded(server: RealServer, diskless: string, again: boolean): Promise<Session> {
  const config = {
    'repl-diskless-sync': diskless,
    'repl-diskless-sync-delay': 0,
    'repl-backlog-size': '16kb',
  }
  const master = await startRedis({ server, config })
  await write(master, 'before')
  const recording = new MemoryRecording()
  const secrets = new Secrets({ blanks: true })
  const proxy: LiveProxy = await liveProxy(`127.0.0.1:${master.port}`, ':0', {
    secrets,
    recorder: new Recorder(recording, 'test', secrets),
  })
  const replica = await startRedis({ server, config: { ...config, replicaof: `127.0.0.1 ${proxy.port}` } })
  await caughtUp(master, replica)
  await write(master, 'between')
  await caughtUp(master, replica)
  if (again) {
    // With a history of its own the replica needs a new snapshot.
    await replica.client.command('REPLICAOF', 'NO', 'ONE')
    await write(master, 'again')
    await replica.client.command('REPLICAOF', '127.0.0.1', proxy.port)
    await waitFor(() => proxy.json('snapshot-end').length === 2, { what: 'a second full resync' })
  } else await master.client.command('CLIENT', 'KILL', 'TYPE', 'replica')
  await caughtUp(master, replica)
  await master.client.command('INCR', 'n')
  await master.client.command('WAIT', 1, 5000)
  await caughtUp(master, replica)
  const digest = await replica.digest()
  await proxy.close()
  const offset = Number(
    /slave_repl_offset:(\d+)/.exec(String(await replica.client.command('INFO', 'replication')))?.[1],
  )
  await replica.stop()

  const dir = mkdtempSync(join(tmpdir(), 'syncscope-replay-'))
  onTestFinished(() => rmSync(dir, { recursive: true }))
  const path = join(dir, 'session.pcapng.gz')
  writeFileSync(path, gzipSync(recording.file))
  const modes = proxy.json('resync').map(({ mode }) => mode)
  expect(modes).toHaveLength(2)
  return { path, digest, offset, modes, master }
}

function run(...words: string[]) {
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN, 'replay', ...words])
  const out = { stdout: '', stderr: '' }
  child.stdout.on('data', (data) => (out.stdout += data))
  child.stderr.on('data', (data) => (out.stderr += data))
  const status = new Promise<number | null>((resolve) => child.once('close', resolve))
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  return { child, out, status }
}

describeWithRedis('a recording, played', (server) => {
  it.each([
    ['yes', false],
    ['no', false],
    ['yes', true],
  ])('repl-diskless-sync %s, second full sync %s: gives a replica the same data', async (diskless, again) => {
    const session = await recorded(server, diskless, again)
    const port = await freePort()
    const { child, out, status } = run(
      session.path,
      '--as',
      'master',
      '--listen',
      `:${port}`,
      '--speed',
      'max',
      '--json',
    )
    await waitFor(() => out.stderr.includes('listening on'), { what: 'the recorded master to listen' })
    // A replica of another mind: with a password, and a history of its own.
    const replica = await startRedis({
      server,
      config: { replicaof: `127.0.0.1 ${port}`, masterauth: 'any' },
    })
    const all = { what: 'the replica to have it all', timeoutMs: 30_000 }
    await waitFor(() => out.stderr.includes('all that was recorded'), all).catch((error: Error) => {
      throw new Error(`${error.message}: ${out.stderr}${out.stdout.slice(-3000)}`)
    })
    expect(await replica.digest()).toBe(session.digest)
    const info = String(await replica.client.command('INFO', 'replication'))
    expect(info).toContain(`slave_repl_offset:${session.offset}`)

    // It comes back and goes on where it was.
    await replica.client.command('CLIENT', 'KILL', 'TYPE', 'master')
    await waitFor(() => /"resync","link":2,.*"partial"/.test(out.stdout), { what: 'a partial resync' })
    child.kill('SIGINT')
    expect(await status).toBe(0)
    const events = out.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    const live = events.filter((e) => e.link === 2)
    expect(live.filter((e) => e.kind === 'fault')).toEqual([])
    const resyncs = live.filter((e) => e.kind === 'resync').map((e) => e.mode)
    expect(resyncs).toEqual([...session.modes.filter((mode) => mode === 'full'), 'partial'])
    expect(live.filter((e) => e.kind === 'snapshot-end').every((e) => e.checksum === 'good')).toBe(true)
    expect(events.filter((e) => e.link === 1 && e.kind === 'ack').length).toBeGreaterThan(0)
    expect(events.filter((e) => e.link === 1 && e.kind === 'command')).toEqual([])
  })

  it.each([
    ['yes', true],
    ['no', false],
  ])('repl-diskless-sync %s, second full sync %s: is applied to a server', async (diskless, again) => {
    const session = await recorded(server, diskless, again)
    const target = await startRedis({ server, config: { requirepass: 'secret-enough' } })
    await target.client.command('AUTH', 'secret-enough').catch(() => undefined)
    const to = `redis://:secret-enough@127.0.0.1:${target.port}`
    const first = run(session.path, '--apply', to)
    expect(await first.status, first.out.stderr).toBe(0)
    expect(first.out.stderr).toMatch(/applied in .*; no errors/)
    expect(first.out.stderr).not.toContain('secret-enough')
    expect(await target.digest()).toBe(session.digest)
    expect(String(await target.client.command('FUNCTION', 'LIST'))).toContain('between')

    const second = run(session.path, '--apply', to)
    expect(await second.status).toBe(2)
    expect(second.out.stderr).toMatch(/is not empty \(\d+ keys\): --force/)
    const third = run(session.path, '--apply', to, '--force')
    // What is there already is in the way: streams refuse ids that they have.
    expect(await third.status).toBe(1)
    expect(third.out.stderr).toMatch(/refused: XADD before:x: -?ERR/)
  })

  it('is played to a master, which answers as it does', async () => {
    const { path, master, modes } = await recorded(server, 'yes', false)
    const { out, status } = run(
      path,
      '--as',
      'replica',
      '--to',
      `127.0.0.1:${master.port}`,
      '--speed',
      '4',
      '--json',
    )
    expect(await status, out.stderr).toBe(0)
    const events = out.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    const live = events.filter((e) => e.link === 2)
    expect(live.filter((e) => e.kind === 'resync').map((e) => e.mode)).toEqual(modes)
    expect(live.filter((e) => e.kind === 'snapshot-end')).toMatchObject([{ checksum: 'good' }])
    const acks = live.filter((e) => e.kind === 'ack')
    expect(acks.length).toBeGreaterThan(0)
    expect(acks.at(-1).offset).toBeGreaterThanOrEqual(live.find((e) => e.kind === 'resync').offset)
    expect(events.filter((e) => e.link === 1 && e.kind === 'command').length).toBeGreaterThan(10)
  })
})
