/** Datasets in real servers: made, saved as a snapshot, and rebuilt from commands. */
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { encodeRdb } from '../../src/codec/rdb/encode.ts'
import type { RdbEncodeOptions } from '../../src/codec/rdb/encode-options.ts'
import type { Argument } from '../../src/io/redis-client.ts'
import type { SnapshotBytes } from '../../src/rdb/reread.ts'
import { RandomValues } from '../codec/rdb/encode-dataset.ts'
import { type RealRedis, type RealServer, startRedis } from '../support/real-redis.ts'
import { inMemory } from './snapshot-of.ts'

const FAR = 4_102_444_800_000

/** Starts a server that loads a snapshot. */
export async function loadedWith(server: RealServer, snapshot: Buffer): Promise<RealRedis> {
  const dir = mkdtempSync(join(tmpdir(), 'syncscope-convert-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  writeFileSync(join(dir, 'ours.rdb'), snapshot)
  return startRedis({ server, config: { dir, dbfilename: 'ours.rdb' } })
}

/** Starts a server with keys of every type in several databases. */
export async function randomDataset(server: RealServer, seed: number): Promise<RealRedis> {
  const random = new RandomValues(seed)
  const databases = [
    { db: 0, entries: random.entries(150) },
    { db: 5, entries: random.entries(40) },
  ]
  const options: RdbEncodeOptions = { version: 9, onLoss: () => {} }
  const redis = await loadedWith(server, Buffer.concat([...encodeRdb({ databases }, options)]))
  for (const command of extras(server)) await redis.client.command(...command)
  return redis
}

/** Whether hash fields can expire in this server. */
export function hasFieldExpiry({ flavour, version, major }: RealServer): boolean {
  return flavour === 'valkey' ? major >= 9 : major >= 8 || (major === 7 && Number(version.split('.')[1]) >= 4)
}

/** What the random values lack: odd streams, functions, fields that expire. */
function extras(server: RealServer): Argument[][] {
  const commands: Argument[][] = [['SELECT', 2]]
  const stream = (key: string) => {
    for (let i = 1; i <= 8; i++) commands.push(['XADD', key, `${i}-0`, 'f', `v${i}`, 'g', 'w'])
    commands.push(['XGROUP', 'CREATE', key, 'g', 0])
    commands.push(['XREADGROUP', 'GROUP', 'g', 'alice', 'COUNT', 4, 'STREAMS', key, '>'])
    commands.push(['XREADGROUP', 'GROUP', 'g', 'bob', 'COUNT', 2, 'STREAMS', key, '>'])
    commands.push(['XREADGROUP', 'GROUP', 'g', 'idle', 'STREAMS', key, 0])
  }
  stream('owed:deleted')
  commands.push(['XDEL', 'owed:deleted', '1-0', '3-0', '6-0', '8-0'])
  stream('owed:trimmed')
  commands.push(['XTRIM', 'owed:trimmed', 'MAXLEN', 2])
  stream('owed:all')
  commands.push(['XTRIM', 'owed:all', 'MAXLEN', 0])
  commands.push(['XGROUP', 'CREATE', 'empty', 'g', '$', 'MKSTREAM'])
  commands.push(
    ['XADD', 'emptied', '5-5', 'f', 'v'],
    ['XDEL', 'emptied', '5-5'],
    ['XSETID', 'emptied', '7-7'],
  )
  commands.push(
    ['SET', 'long', 'x'.repeat(3_000_000)],
    ['HSET', 'long:field', 'f', 'y'.repeat(1_500_000), 'g', 'w'],
  )
  commands.push(['RPUSH', 'long:items', 'a', 'z'.repeat(1_200_000), 'b'], ['PEXPIREAT', 'long:items', FAR])
  commands.push(['XADD', 'long:entry', '1-0', 'f', 'w'.repeat(1_100_000)])
  if (server.major >= 7) {
    const code = "#!lua name=lib\nredis.register_function('f', function() return 42 end)"
    commands.push(['FUNCTION', 'LOAD', code])
  }
  if (hasFieldExpiry(server)) {
    for (let i = 0; i < 1000; i++) commands.push(['HSET', 'expiring', `f${i}`, i])
    commands.push(['HPEXPIREAT', 'expiring', FAR, 'FIELDS', 3, 'f1', 'f2', 'f999'])
    commands.push(['HPEXPIREAT', 'expiring', FAR + 5, 'FIELDS', 1, 'f500'])
    commands.push(
      ['HSET', 'expiring:small', 'a', 1, 'b', 2],
      ['HPEXPIREAT', 'expiring:small', FAR, 'FIELDS', 1, 'a'],
    )
  }
  return commands
}

/** What the server saves. */
export async function saved(redis: RealRedis): Promise<SnapshotBytes> {
  await redis.client.command('SAVE')
  const file = join(await redis.config('dir'), await redis.config('dbfilename'))
  return inMemory(readFileSync(file), redis.server.name)
}

/** Sends commands as `redis-cli --pipe` does. @returns the error replies */
export async function pipe(redis: RealRedis, commands: Buffer): Promise<string[]> {
  const marker = 'the last of all'
  const socket = connect(redis.port, redis.host)
  await once(socket, 'connect')
  let replies = ''
  socket.setEncoding('latin1').on('data', (text) => {
    replies += text
  })
  socket.write(commands)
  socket.write(`*2\r\n$4\r\nECHO\r\n$${marker.length}\r\n${marker}\r\n`)
  while (!replies.endsWith(`${marker}\r\n`)) await once(socket, 'data')
  socket.destroy()
  return replies.split('\r\n').filter((line) => /^-[A-Z]/.test(line))
}
