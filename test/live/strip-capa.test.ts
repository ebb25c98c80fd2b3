/**
 * `--strip-capa` between real servers: whatever is taken out, both sides fall back and the datasets are equal; the screen
 * says what the replica said and what the master got, and the recording is read back without a fault.
 */
import { expect, it } from 'vitest'
import { STRIPPABLE } from '../../src/replication/capa-stripper.ts'
import { Secrets } from '../../src/replication/secrets.ts'
import { jsonEvent } from '../../src/sink/json-event.ts'
import { Recorder } from '../../src/sink/recorder.ts'
import { liveProxy } from '../support/live-proxy.ts'
import { caughtUp, describeEachRedis, startRedis, waitFor } from '../support/real-redis.ts'
import { MemoryRecording, readRecording } from '../support/recordings.ts'

const KEYS = 200

const CHOICES = [['eof'], ['psync2'], ['rdb-channel-repl', 'dual-channel'], STRIPPABLE] as const

describeEachRedis('replicas whose capabilities are stripped', (server) => {
  const dual = server.flavour === 'valkey' ? { 'dual-channel-replication-enabled': 'yes' } : {}
  const config = { 'repl-diskless-sync': 'yes', 'repl-diskless-sync-delay': 0, ...dual }

  it.each(CHOICES.map((names) => [names.join(), names] as const))('sync without %s', async (_, strip) => {
    const master = await startRedis({ server, config })
    await master.client.command('DEBUG', 'POPULATE', KEYS)
    const recording = new MemoryRecording()
    const recorder = new Recorder(recording, 'syncscope test', new Secrets({ blanks: true }))
    const proxy = await liveProxy(`127.0.0.1:${master.port}`, ':0', { strip, recorder })
    const replica = await startRedis({ server, config: { ...config, replicaof: `127.0.0.1 ${proxy.port}` } })
    await caughtUp(master, replica)
    await master.client.command('SET', 'behind', 'it')
    await caughtUp(master, replica)
    expect(await replica.digest()).toBe(await master.digest())
    // The link is cut once: the handshake of a replica that comes back is edited too.
    const resyncs = () => proxy.json('resync').length
    await master.client.command('CLIENT', 'KILL', 'TYPE', 'replica')
    await waitFor(() => resyncs() > 1, { what: 'another resync' })
    await master.client.command('SET', 'again', 'linked')
    await caughtUp(master, replica)
    expect(await replica.digest()).toBe(await master.digest())
    await proxy.close()

    expect(proxy.json('fault')).toEqual([])
    expect(new Set(proxy.events.map((event) => event.link))).toEqual(new Set([1]))
    const [full, partial] = proxy.json('resync')
    expect([full?.mode, partial?.mode]).toEqual(['full', 'partial'])
    expect(proxy.json('snapshot-end')).toMatchObject([{ keys: KEYS }])
    const asked = proxy.json('request').flatMap(({ argv }) => (argv as string[]).join(' '))
    expect(asked).toContainEqual(expect.stringMatching(/^REPLCONF capa eof capa psync2/))
    const sent = proxy.json('stripped').map((event) => (event.sent as string[]).join(' '))
    const isLeftAlone = strip.length === 2 && server.major < 8
    expect(sent.length > 0).toBe(!isLeftAlone)
    for (const name of strip) expect(sent.join('\n')).not.toMatch(new RegExp(`capa ${name}\\b`))

    const hasNoSecond = strip.length !== 1 || (server.flavour === 'valkey' && strip[0] === 'eof')
    const opened = proxy.json('opened').map(({ conn }) => conn)
    expect(opened).toEqual(hasNoSecond || server.major < 8 ? ['main', 'main'] : ['main', 'rdb', 'main'])
    const isByLength = (strip as readonly string[]).includes('eof')
    expect(proxy.json('snapshot-begin')).toMatchObject([{ framing: isByLength ? 'length' : 'mark' }])

    const { events, comments } = readRecording(recording.file)
    const shown = (list: typeof proxy.events) =>
      list.filter(({ kind }) => kind !== 'stripped').map((event) => jsonEvent(event))
    expect(shown(events.filter(({ kind }) => kind !== 'snapshot-slice'))).toEqual(shown(proxy.events))
    if (!isLeftAlone) expect(comments).toContainEqual(expect.stringMatching(/stripped by us: /))
  })
})
