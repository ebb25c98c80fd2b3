/**
 * The dataset of a server, asked key by key as any client may ask: a message a key, in order of their names.
 *
 * DEBUG DIGEST is shorter, but says only that something differs, and not everywhere may it be asked.
 */
import { type ByteString, fromText } from '../bytes/byte-string.ts'
import type { RespValue } from '../codec/resp/values.ts'
import type { SubjectClient } from '../io/subject-client.ts'
import type { Json } from '../sink/json-bytes.ts'
import { valueJson } from '../sink/json-event.ts'
import type { Fields } from './message.ts'

/** More are counted only: a scenario is about few keys. */
const KEYS_MAX = 2000

/** How a value of each type is asked for; a hash and a set have no order. */
const READ: Readonly<Record<string, (key: ByteString) => readonly string[]>> = {
  string: (key) => ['GET', key],
  list: (key) => ['LRANGE', key, '0', '-1'],
  set: (key) => ['SMEMBERS', key],
  hash: (key) => ['HGETALL', key],
  zset: (key) => ['ZRANGE', key, '0', '-1', 'WITHSCORES'],
  stream: (key) => ['XINFO', 'STREAM', key, 'FULL', 'COUNT', '0'],
}

/**
 * @param databases the numbers of those that hold keys
 * @param now unix milliseconds
 */
export async function* readDataset(
  client: SubjectClient,
  databases: readonly number[],
  now: () => number,
): AsyncGenerator<Fields> {
  for (const db of databases) {
    await client.command(['SELECT', String(db)].map(fromText))
    const listed = await client.command(['KEYS', '*'].map(fromText))
    const keys = (listed?.type === 'array' ? listed.items : []).flatMap(bytesOf).sort()
    for (const key of keys.slice(0, KEYS_MAX)) yield await readKey(client, db, key, now)
    if (keys.length > KEYS_MAX) yield { db, more: keys.length - KEYS_MAX }
  }
}

async function readKey(
  client: SubjectClient,
  db: number,
  key: ByteString,
  now: () => number,
): Promise<Fields> {
  const ask: Ask = async (...words) => client.command(words as readonly ByteString[])
  const type = textOf(await ask('TYPE', key))
  const encoding = textOf(await ask('OBJECT', 'ENCODING', key))
  const read = READ[type]
  const value = read === undefined ? undefined : await ask(...read(key))
  const expireAt = await expiryOf(ask, key, now)
  return {
    db,
    key: valueJson({ type: 'bulk', value: key }),
    type,
    encoding,
    value: value === undefined ? null : tidy(type, valueJson(value)),
    ...(expireAt === undefined ? {} : { expireAt }),
  }
}

type Ask = (...words: readonly string[]) => Promise<RespValue | undefined>

/** Unix milliseconds; of servers before 7.0, which tell only how long it has, to the second. */
async function expiryOf(ask: Ask, key: ByteString, now: () => number): Promise<number | undefined> {
  const told = await ask('PEXPIRETIME', key)
  if (told?.type === 'integer') return Number(told.value) >= 0 ? Number(told.value) : undefined
  const left = await ask('PTTL', key)
  if (left?.type !== 'integer' || Number(left.value) < 0) return undefined
  return Math.round((now() + Number(left.value)) / 1000) * 1000
}

/** What has no order gets one. */
function tidy(type: string, value: Json): Json {
  if (!Array.isArray(value)) return value
  if (type === 'set') return [...value].sort(byText)
  if (type !== 'hash') return value
  const pairs: Json[] = []
  for (let i = 0; i + 1 < value.length; i += 2) pairs.push([value[i]!, value[i + 1]!])
  return pairs.sort(byText)
}

function byText(a: Json, b: Json): number {
  const [x, y] = [JSON.stringify(a), JSON.stringify(b)]
  return x < y ? -1 : x > y ? 1 : 0
}

function bytesOf(value: RespValue): ByteString[] {
  return value.type === 'bulk' && typeof value.value === 'string' ? [value.value] : []
}

function textOf(value: RespValue | undefined): string {
  return value !== undefined && 'value' in value && typeof value.value === 'string' ? value.value : '?'
}
