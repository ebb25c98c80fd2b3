/**
 * `--verify` beside real servers: a replica that is written by hand is found out, one that is not is left in
 * peace.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { ProxyVerify } from '../../src/cli/proxy-verify.ts'
import { connectRedis } from '../../src/io/redis-client.ts'
import { Secrets } from '../../src/replication/secrets.ts'
import type { Agreement, Divergence } from '../../src/shadow/findings.ts'
import { Recorder } from '../../src/sink/recorder.ts'
import { decodeProcess } from '../support/decode-process.ts'
import {
  caughtUp,
  describeEachRedis,
  describeWithRedis,
  freePort,
  type RealServer,
  startRedis,
  waitFor,
} from '../support/real-redis.ts'
import { MemoryRecording } from '../support/recordings.ts'
import { steadyWrites } from '../support/steady-writes.ts'
import { watchedProxy } from '../support/watched-proxy.ts'

/** A master, and a replica behind a proxy that verifies it. The replica may be written by hand. */
async function verified(server: RealServer, debug = 'yes') {
  const config = {
    'repl-diskless-sync-delay': 0,
    ...(server.major >= 7 ? { 'enable-debug-command': debug } : {}),
  }
  const master = await startRedis({ server, config })
  const agreements: Agreement[] = []
  const divergences: Divergence[] = []
  const said: string[] = []
  const verify = new ProxyVerify({
    against: undefined,
    link: undefined,
    pauseMs: 1,
    say: (line) => said.push(line),
    progress: () => {},
    listener: () => ({
      begins: () => {},
      agrees: (agreement) => agreements.push(agreement),
      diverges: (divergence) => divergences.push(divergence),
      passEnds: () => {},
      notice: (text) => said.push(text),
    }),
  })
  const proxy = await watchedProxy(`127.0.0.1:${master.port}`, {
    emit: () => {},
    around: (...connection) => verify.around(...connection),
  })
  verify.start()
  onTestFinished(async () => {
    await proxy.close()
    await verify.end()
  })
  const join = async () => {
    const replica = await startRedis({
      server,
      config: { ...config, 'replica-read-only': 'no', replicaof: `127.0.0.1 ${proxy.port}` },
    })
    await waitFor(async () => (await replica.info('replication')).master_link_status === 'up', {
      what: 'sync',
    })
    return replica
  }
  const passes = async (more: number) => {
    const wanted = verify.verification.passes + more
    await waitFor(async () => verify.verification.passes >= wanted, { what: 'a pass', timeoutMs: 50_000 })
  }
  return { master, join, passes, agreements, divergences, said }
}

describeEachRedis('proxy --verify', (server) => {
  it('agrees while all kinds of writes go on, and names a key that was written by hand', async () => {
    const { master, join, passes, agreements, divergences } = await verified(server)
    const writer = await connectRedis({ host: '127.0.0.1', port: master.port })
    const writes = steadyWrites(writer, { keys: 30 })
    await master.client.command('SET', 'by:hand', 'as it should be')
    const replica = await join()
    await passes(3)
    // A link that is cut goes on.
    await master.client.command('CLIENT', 'KILL', 'TYPE', 'replica')
    await passes(2)
    expect(divergences).toEqual([])
    expect(agreements.length).toBeGreaterThan(2)
    await master.client.command('SETEX', 'by:hand', 5000, 'as it should be')
    // Else it would come behind what is written by hand, and undo it.
    await waitFor(async () => Number(await replica.client.command('TTL', 'by:hand')) > 0, {
      what: 'the write',
    })
    await replica.client.command('APPEND', 'by:hand', '!')
    await passes(2)
    await writes.stop()
    await writer.close()
    expect(divergences.map(({ key, difference }) => [key, difference.kind])).toEqual([['by:hand', 'value']])
    expect(divergences[0]).toMatchObject({ db: 0, difference: { ours: 'as it should be' } })
  }, 120_000)
})

const BY_HAND: readonly (readonly [string, readonly (string | number)[], object])[] = [
  ['string', ['SETRANGE', 'string', 2, 'X'], { kind: 'value', ours: 'string', theirs: 'stXing' }],
  ['list', ['RPUSH', 'list', 'x'], { kind: 'item', name: '3', ours: undefined, theirs: 'x' }],
  ['set', ['SREM', 'set', 'b'], { kind: 'member', name: 'b', ours: '', theirs: undefined }],
  ['zset', ['ZINCRBY', 'zset', '0.5', 'b'], { kind: 'member', name: 'b', ours: '0.1', theirs: '0.6' }],
  ['hash', ['HSET', 'hash', 'g', 'x'], { kind: 'field', name: 'g', ours: 'w', theirs: 'x' }],
  ['stream', ['XDEL', 'stream', '5-1'], { kind: 'entry', name: '5-1', theirs: undefined }],
  ['group', ['XGROUP', 'CREATECONSUMER', 'group', 'g', 'c'], { kind: 'consumer', name: '"c" of "g"' }],
  ['deadline', ['PEXPIREAT', 'deadline', 1_999_999_999_999], { kind: 'expiry', theirs: '1999999999999' }],
  ['gone', ['DEL', 'gone'], { kind: 'missing', ours: 'string' }],
  ['new', ['SADD', 'new', 'a'], { kind: 'extra', theirs: 'set' }],
]

describeWithRedis('proxy --verify', (server) => {
  it.each(['yes', 'no'])(
    'finds what was changed by hand, of each type (DEBUG allowed: %s)',
    async (debug) => {
      const { master, join, passes, agreements, divergences } = await verified(server, debug)
      await master.client.pipeline([
        ['SET', 'string', 'string'],
        ['RPUSH', 'list', 'a', 'b', 'c'],
        ['SADD', 'set', 'a', 'b', 1],
        ['ZADD', 'zset', 1.5, 'a', 0.1, 'b'],
        ['HSET', 'hash', 'f', 'v', 'g', 'w'],
        ['XADD', 'stream', '5-1', 'f', 'v'],
        ['XADD', 'stream', '6-1', 'f', 'v'],
        ['XADD', 'group', '5-1', 'f', 'v'],
        ['XGROUP', 'CREATE', 'group', 'g', 0],
        ['SET', 'deadline', 'v', 'PXAT', 1_999_999_999_990],
        ['SET', 'gone', 'v'],
      ])
      const replica = await join()
      await passes(2)
      expect(divergences).toEqual([])
      const before = agreements.length
      await replica.client.pipeline(BY_HAND.map(([, words]) => words))
      await master.client.command('HSET', 'hash', 'h', 'y')
      await caughtUp(master, replica)
      await passes(2)
      const found = new Map(divergences.map((divergence) => [String(divergence.key), divergence]))
      expect([...found.keys()].sort()).toEqual(BY_HAND.map(([key]) => key).sort())
      for (const [key, , difference] of BY_HAND) expect(found.get(key)).toMatchObject({ difference })
      expect(found.get('hash')!.touches.commands.map(({ argv }) => argv.join(' '))).toEqual(['HSET hash h y'])
      expect(found.get('string')!.touches.count).toBe(0)
      expect(agreements.length - before).toBeLessThan(2)
    },
    60_000,
  )

  it('of a recording: beside a replica that was stopped, before and after somebody wrote to it', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'syncscope-verify-'))
    onTestFinished(() => rmSync(dir, { recursive: true }))
    const config = { 'repl-diskless-sync-delay': 0, 'replica-read-only': 'no' }
    const master = await startRedis({ server, config })
    const recording = new MemoryRecording()
    const secrets = new Secrets({ blanks: true })
    const recorder = new Recorder(recording, 'syncscope test', secrets)
    const proxy = await watchedProxy(`127.0.0.1:${master.port}`, { emit: () => {}, secrets, recorder })
    const writes = steadyWrites(master.client)
    const replica = await startRedis({ server, config: { ...config, replicaof: `127.0.0.1 ${proxy.port}` } })
    await waitFor(async () => (await replica.info('replication')).master_link_status === 'up', {
      what: 'sync',
    })
    await new Promise((resolve) => setTimeout(resolve, 300))
    // In the middle of the writes, so that the recording goes on behind it.
    await replica.client.command('REPLICAOF', '127.0.0.1', await freePort())
    await new Promise((resolve) => setTimeout(resolve, 100))
    await writes.stop()
    await proxy.close()
    const file = join(dir, 'session.pcapng')
    writeFileSync(file, recording.file)
    const compare = () => {
      const address = `127.0.0.1:${replica.port}`
      const { status, stdout } = decodeProcess(file, '--verify', '--against', address, '--json')
      return {
        status,
        told: stdout
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line)),
      }
    }
    expect(compare()).toMatchObject({
      status: 0,
      told: [{ kind: 'agreement', pass: 1, link: 1, leftOut: 0 }],
    })
    await replica.client.command('SELECT', 7)
    await replica.client.command('HSET', 'new', 'f', 'v')
    const extra = { kind: 'divergence', db: 7, key: 'new', what: 'extra', reference: null, replica: 'hash' }
    expect(compare()).toMatchObject({ status: 1, told: [{ ...extra, commands: [] }] })
  }, 60_000)

  it('of what cannot be compared says so in one line, and ends', async () => {
    const master = await startRedis({ server })
    const replica = await startRedis({ server, config: { replicaof: `127.0.0.1 ${master.port}` } })
    await waitFor(async () => (await replica.info('replication')).master_link_status === 'up', {
      what: 'sync',
    })
    const against = (port: number) => ['--verify', '--against', `127.0.0.1:${port}`]
    const told = (...args: string[]) => {
      const { status, stderr } = decodeProcess(...args)
      return [status, stderr]
    }
    expect(told('nofile', ...against(master.port))).toEqual([2, expect.stringContaining('is a master')])
    expect(told('nofile', ...against(replica.port))).toEqual([
      2,
      expect.stringContaining('cannot read nofile'),
    ])
    expect(told('nofile', ...against(replica.port), '--link', '0')).toEqual([
      2,
      expect.stringContaining('--link: the number of a link'),
    ])
  }, 60_000)
})
