/**
 * A random dataset with every type and encoding that a server can make, by the commands a client would send.
 */
import type { ByteString } from '../../src/bytes/byte-string.ts'
import type { Argument, RedisClient } from '../../src/io/redis-client.ts'
import type { RealServer } from '../../src/io/redis-process.ts'
import { RandomValues } from '../codec/rdb/encode-dataset.ts'

const FAR = 4_102_444_800_000
const DATABASES = [0, 1, 9]
const INTEGERS = [
  ['0', '-1', '12', '127', '-128', '128', '-129', '4095', '-4096', '32767', '-32768'],
  ['32768', '-32769', '8388607', '-8388608', '8388608', '2147483647', '-2147483648'],
  ['2147483648', '-2147483649', '9007199254740993', '9223372036854775807', '-9223372036854775808'],
].flat()

type Command = readonly Argument[]

/** What the server can do beyond Redis 6.0. */
export type Abilities = { readonly functions: boolean; readonly fieldExpiry: boolean }

export function abilitiesOf({ flavour, version }: RealServer): Abilities {
  const [major, minor] = version.split('.').map(Number) as [number, number]
  if (flavour === 'valkey') return { functions: true, fieldExpiry: major >= 9 }
  return { functions: major >= 7, fieldExpiry: major > 7 || (major === 7 && minor >= 4) }
}

/** Fills some databases. Keys that have expired stay where they are. @returns their names by database */
export async function fillServer(
  client: RedisClient,
  abilities: Abilities,
  seed: number,
): Promise<{ db: number; gone: ByteString[] }[]> {
  const random = new RandomValues(seed)
  await run(client, [['DEBUG', 'SET-ACTIVE-EXPIRE', 0]])
  if (abilities.functions) {
    const code = "#!lua name=lib\nredis.register_function('f', function() return 42 end)\n"
    await run(client, [['FUNCTION', 'LOAD', code]])
  }
  const databases: { db: number; gone: ByteString[] }[] = []
  for (const db of DATABASES) {
    const gone = ['gone:1', 'gone:2'] as ByteString[]
    await run(client, [
      ['SELECT', db],
      ...(db === 0 ? edges(random, abilities) : []),
      ...Array.from({ length: 60 }, (_, i) => randomKey(random, i)).flat(),
      ['SET', 'soon', 'v'],
      ['PEXPIREAT', 'soon', FAR + db],
      ...gone.flatMap((key): Command[] => [
        ['SET', key, 'v'],
        ['PEXPIRE', key, 1],
      ]),
    ])
    databases.push({ db, gone })
  }
  // SAVE keeps what has expired and was not touched since.
  await new Promise((resolve) => setTimeout(resolve, 5))
  return databases
}

function randomKey(random: RandomValues, index: number): Command[] {
  const key = bytes(`${random.text(40)}:${index}` as ByteString)
  const value = random.value()
  const commands: Command[] = []
  switch (value.type) {
    case 'string':
      commands.push(['SET', key, bytes(value.value as ByteString)])
      break
    case 'list':
      for (const item of value.items) commands.push(['RPUSH', key, bytes(item)])
      break
    case 'set':
      for (const member of value.members) commands.push(['SADD', key, bytes(member)])
      break
    case 'hash':
      for (const { field, value: of } of value.fields) commands.push(['HSET', key, bytes(field), bytes(of)])
      break
    case 'zset':
      for (const { member, score } of value.members)
        commands.push(['ZADD', key, scoreText(score), bytes(member)])
      break
    case 'stream':
      for (const { id, fields } of value.entries) {
        commands.push(['XADD', key, `${id.ms}-${id.seq}`, ...fields.map(bytes)])
      }
  }
  if (random.below(4) === 0) commands.push(['PEXPIREAT', key, FAR + random.below(1e6)])
  return commands
}

/** What chance would not find. */
function edges(random: RandomValues, { fieldExpiry }: Abilities): Command[] {
  const commands: Command[] = []
  for (const integer of INTEGERS) {
    commands.push(['SET', `int:${integer}`, integer])
    commands.push(['RPUSH', 'list:int', integer], ['HSET', 'hash:int', integer, integer])
    commands.push(['SADD', 'set:int64', integer], ['ZADD', 'zset:int', integer, integer])
  }
  commands.push(['SADD', 'set:int16', 1, -5, 32767], ['SADD', 'set:int32', 1, 70_000])
  commands.push(['ZADD', 'zset:edge', 'inf', 'a', '-inf', 'b', '-0', 'c', 1e300, 'd', '0.1', 'e', 3, 'f'])
  commands.push(['SET', '', ''], ['SET', bytes('\xff\x00' as ByteString), bytes('\x00\xff' as ByteString)])
  commands.push(
    ['SET', 'text', 'héllo "你好"\n\x7f'],
    ['APPEND', 'appended', 'short'],
    ['SETBIT', 'bits', 70, 1],
  )
  commands.push(['HSET', 'hash:proto', '__proto__', 'x', 'constructor', 'y'])
  commands.push(['HSET', 'hash:binary', bytes('\xfe' as ByteString), 'v', 'plain', 'w'])
  commands.push(['PFADD', 'hll', 'a', 'b', 'c'], ['SETRANGE', 'long', 2_000_000, 'end'])
  commands.push(['SET', 'noise', bytes(random.bytes(1_200_000))])
  commands.push(['RPUSH', 'list:plain', 'a', bytes(random.bytes(70_000)), 'z'.repeat(20_000)])
  for (let i = 0; i < 3000; i++) {
    commands.push(['HSET', 'hash:large', `field:${i}`, random.bytes(20).replace(/[^ -~]/g, '.')])
    commands.push(['ZADD', 'zset:large', i / 8, `member:${i}`], ['SADD', 'set:large', `member:${i}`])
    commands.push(['XADD', 'stream:large', `${i + 1}-${i % 3}`, 'n', i, 'again', 'x', 'again', 'y'])
  }
  commands.push(...groups(), ...(fieldExpiry ? expiringFields() : []))
  return commands
}

function groups(): Command[] {
  return [
    ['XDEL', 'stream:large', '1-0', '5-1', '3000-2'],
    ['XGROUP', 'CREATE', 'stream:large', 'readers', 0],
    ['XGROUP', 'CREATE', 'stream:large', 'idle', '$'],
    ['XREADGROUP', 'GROUP', 'readers', 'alice', 'COUNT', 30, 'STREAMS', 'stream:large', '>'],
    [
      'XREADGROUP',
      'GROUP',
      'readers',
      bytes('b\xffb' as ByteString),
      'COUNT',
      5,
      'STREAMS',
      'stream:large',
      '>',
    ],
    ['XACK', 'stream:large', 'readers', '3-2', '4-0'],
    ['XCLAIM', 'stream:large', 'readers', 'carol', 0, '10-0', '11-1'],
    ['XGROUP', 'CREATE', 'stream:none', 'g', '$', 'MKSTREAM'],
    ['XADD', 'stream:emptied', '7-7', 'f', 'v'],
    ['XDEL', 'stream:emptied', '7-7'],
  ]
}

function expiringFields(): Command[] {
  const commands: Command[] = []
  for (let i = 0; i < 600; i++) commands.push(['HSET', 'fields:large', `f${i}`, `v${i}`])
  for (const [key, count] of [
    ['fields:small', 5],
    ['fields:large', 50],
    ['fields:persisted', 1],
  ] as const) {
    for (let i = 0; i < count; i++) {
      commands.push(['HSET', key, `f${i}`, `v${i}`, `other${i}`, 'w'])
      commands.push(['HPEXPIREAT', key, FAR + i, 'FIELDS', 1, `f${i}`])
    }
  }
  commands.push(['HPERSIST', 'fields:persisted', 'FIELDS', 1, 'f0'])
  return commands
}

async function run(client: RedisClient, commands: readonly Command[]): Promise<void> {
  const replies = await client.pipeline(commands.map((command) => [...command]))
  for (const [i, reply] of replies.entries()) {
    if (reply instanceof Error) throw new Error(`${String(commands[i]).slice(0, 200)}: ${reply.message}`)
  }
}

function bytes(value: Buffer | ByteString): Buffer {
  return Buffer.isBuffer(value) ? value : Buffer.from(value, 'latin1')
}

function scoreText(score: number): string {
  return Number.isFinite(score) ? String(score) : score > 0 ? 'inf' : '-inf'
}
