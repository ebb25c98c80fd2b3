/**
 * A full sync through the proxy tells every key with its value as the master itself tells it: every type and encoding
 * the server can make, disk-based and diskless.
 */
import { expect, it, onTestFinished } from 'vitest'
import { KEEP } from '../../src/codec/resp/limits.ts'
import { connectRedis } from '../../src/io/redis-client.ts'
import { bytesOf } from '../rdb/json-lines.ts'
import { abilitiesOf, fillServer } from '../rdb/server-dataset.ts'
import { fileKey, serverKeys } from '../rdb/server-json.ts'
import { liveProxy } from '../support/live-proxy.ts'
import { caughtUp, describeEachRedis, startRedis } from '../support/real-redis.ts'

type Told = Record<string, unknown> & { db: number; key: never }

describeEachRedis('a snapshot on its way', (server) => {
  const abilities = abilitiesOf(server)
  const oneConnection = server.flavour === 'redis' && server.major >= 8 ? { 'repl-rdb-channel': 'no' } : {}

  it.each(['yes', 'no'])('repl-diskless-sync %s: says what the server says', async (diskless) => {
    const config = { databases: 16, 'repl-diskless-sync': diskless, ...oneConnection }
    const master = await startRedis({ server, config })
    const client = await connectRedis({ host: master.host, port: master.port }, { buffers: true })
    onTestFinished(() => client.close())
    const databases = await fillServer(client, abilities, 7)
    const proxy = await liveProxy(`127.0.0.1:${master.port}`, ':0', {
      snapshot: 'values',
      keep: { ...KEEP, valueBytes: 64 * 1024 * 1024 },
    })
    const replica = await startRedis({ server, config: { ...config, replicaof: `127.0.0.1 ${proxy.port}` } })
    await caughtUp(master, replica)

    expect(proxy.json('fault')).toEqual([])
    const told = proxy.json('snapshot-key') as Told[]
    expect(proxy.json('snapshot-end')).toMatchObject([{ keys: told.length, checksum: 'good' }])
    for (const { db, gone } of databases) {
      await client.command('SELECT', db)
      const theirs = await serverKeys(client, abilities)
      const here = told.filter((key) => key.db === db)
      const ours = new Map(here.map((key) => [bytesOf(key.key), fileKey(key, abilities)]))
      for (const key of gone) ours.delete(key)
      expect([...ours.keys()].sort()).toEqual([...theirs.keys()].sort())
      for (const [key, said] of theirs) expect(ours.get(key), `db${db} ${JSON.stringify(key)}`).toEqual(said)
    }
  })
})
