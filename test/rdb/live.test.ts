/** `rdb json` of a file that a real server saved says what the server says, for every type and encoding it has. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { RdbDecoder } from '../../src/codec/rdb/decode.ts'
import { connectRedis } from '../../src/io/redis-client.ts'
import { Origin } from '../../src/rdb/origin.ts'
import { randomChunks } from '../support/every-split.ts'
import { describeEachRedis, startRedis } from '../support/real-redis.ts'
import { bytesOf, jsonOf } from './json-lines.ts'
import { abilitiesOf, fillServer } from './server-dataset.ts'
import { fileKey, serverKeys } from './server-json.ts'

describeEachRedis('rdb json', (server) => {
  const abilities = abilitiesOf(server)

  it.each([1, 2])('says what the server says, seed %i', async (seed) => {
    const redis = await startRedis({ server, config: { databases: 16, appendonly: 'no' } })
    const client = await connectRedis({ host: redis.host, port: redis.port }, { buffers: true })
    onTestFinished(() => client.close())
    const databases = await fillServer(client, abilities, seed)
    await client.command('SAVE')
    const file = readFileSync(join(redis.dir, 'dump.rdb'))
    const { records, json } = await jsonOf(randomChunks(file, seed))
    expect(json.fault).toBeUndefined()
    expect(json.end).toMatchObject({ checksum: 'good', keys: records.length, bytes: file.length })

    for (const { db, gone } of databases) {
      await client.command('SELECT', db)
      const theirs = await serverKeys(client, abilities)
      const inFile = records.filter((record) => record.db === db)
      const ours = new Map(inFile.map((record) => [bytesOf(record.key), fileKey(record, abilities)]))
      // The file keeps what has expired; the server does not speak of it any more.
      for (const key of gone) {
        expect(inFile.find((record) => record.key === key)?.expireAt).toBeLessThanOrEqual(Date.now())
        ours.delete(key)
      }
      expect([...ours.keys()].sort()).toEqual([...theirs.keys()].sort())
      for (const [key, said] of theirs) expect(ours.get(key), `db${db} ${JSON.stringify(key)}`).toEqual(said)
      expect(theirs.size).toBeGreaterThan(50)
    }
    expect(originOf(file)).toMatchObject({
      writer: `${server.flavour === 'redis' ? 'Redis' : 'Valkey'} ${server.version}`,
      functions: abilities.functions ? 1 : 0,
    })
  })
})

function originOf(file: Buffer): Origin {
  const origin = new Origin()
  const decoder = new RdbDecoder({ onEvent: (event) => origin.event(event), onFault: () => {} })
  decoder.push(file)
  return origin
}
