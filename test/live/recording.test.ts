/**
 * A live session of real servers, recorded: tshark and tcpdump find nothing wrong with the file, no secret stands in it, and it is
 * read back as it was shown, to the microsecond.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { connectRedis } from '../../src/io/redis-client.ts'
import { Secrets } from '../../src/replication/secrets.ts'
import { jsonEvent } from '../../src/sink/json-event.ts'
import { Recorder } from '../../src/sink/recorder.ts'
import { hasTools, runTool } from '../support/capture-tools.ts'
import { liveProxy } from '../support/live-proxy.ts'
import { caughtUp, describeEachRedis, startRedis } from '../support/real-redis.ts'
import { MemoryRecording, readRecording } from '../support/recordings.ts'

const PASSWORD = 'hush-hush-hush'

describeEachRedis('a recorded session', (server) => {
  it.each(['yes', 'no'])('repl-diskless-sync %s: is read back as it was shown', async (diskless) => {
    const config = { 'repl-diskless-sync': diskless, 'repl-diskless-sync-delay': 0, masterauth: PASSWORD }
    const master = await startRedis({ server, config: { ...config, requirepass: PASSWORD } })
    const { client } = master
    for (let i = 0; i < 200; i++) await client.command('SET', `key:${i}`, 'x'.repeat(i * 50))
    const recording = new MemoryRecording()
    const secrets = new Secrets({ blanks: true })
    const recorder = new Recorder(recording, 'syncscope test', secrets)
    const proxy = await liveProxy(`127.0.0.1:${master.port}`, ':0', { secrets, recorder })
    const replica = await startRedis({ server, config: { ...config, replicaof: `127.0.0.1 ${proxy.port}` } })
    await caughtUp(master, replica)
    const jobs = Array.from({ length: 3000 }, (_, i) => ['SET', `job:${i % 50}`, 'y'.repeat(i % 700)])
    await client.pipeline(jobs)
    await client.command('SET', 'large', Buffer.alloc(8_000_000, 'L'))
    await client.pipeline([['MULTI'], ['INCR', 'n'], ['EXEC']])
    const ordinary = await connectRedis({ host: '127.0.0.1', port: proxy.port })
    await ordinary.command('AUTH', PASSWORD)
    await ordinary.command('CONFIG', 'GET', '*')
    await ordinary.command('CONFIG', 'SET', 'masterauth', 'other-hush')
    await ordinary.close()
    await client.command('CLIENT', 'KILL', 'TYPE', 'replica')
    await caughtUp(master, replica)
    await client.command('INCR', 'n')
    await caughtUp(master, replica)
    await proxy.close()

    const { file } = recording
    expect([PASSWORD, 'other-hush'].filter((secret) => file.includes(secret))).toEqual([])
    const shown = (events: typeof proxy.events) =>
      events.map((e) => jsonEvent(e)).filter((e) => e !== undefined)
    const live = shown(proxy.events)
    const { events, comments } = readRecording(file)
    const back = shown(events.filter((event) => event.kind !== 'snapshot-slice'))
    expect(back.length).toBe(live.length)
    expect(back).toEqual(live)
    expect(comments).toEqual(expect.arrayContaining([expect.stringMatching(/^→ AUTH .*\(redacted\)$/)]))
    if (hasTools(['tshark', 'tcpdump'])) expectSoundFile(file, master.port)
  })
})

function expectSoundFile(file: Buffer, port: number): void {
  const dir = mkdtempSync(join(tmpdir(), 'syncscope-recording-'))
  onTestFinished(() => rmSync(dir, { recursive: true }))
  const path = join(dir, 'session.pcapng')
  writeFileSync(path, file)
  const sums = [
    '-o',
    'tcp.check_checksum:TRUE',
    '-o',
    'ip.check_checksum:TRUE',
    '-d',
    `tcp.port==${port},resp`,
  ]
  const wrong =
    '_ws.malformed || tcp.checksum.status == 0 || ip.checksum.status == 0 || tcp.analysis.lost_segment ' +
    '|| tcp.analysis.ack_lost_segment || tcp.analysis.retransmission || tcp.analysis.out_of_order'
  expect(runTool('tshark', ['-r', path, ...sums, '-Y', wrong]).stdout).toBe('')
  const { stdout, stderr } = runTool('tcpdump', ['-nn', '-r', path])
  expect(stderr.replace(/^reading from file.*\n/, '')).toBe('')
  expect(stdout.split('\n').length).toBeGreaterThan(20)
  expect(stdout).not.toMatch(/truncated|bad|incorrect/)
}
