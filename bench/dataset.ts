/**
 * A dataset of every kind of value that a full sync has to carry, the same for the same number of keys.
 *
 * Of 100 keys: 35 compressible strings, 20 random strings, 5 integers, 15 hashes, 10 lists, 7 sets, 5 sorted
 * sets, 2 streams, 1 hash too large for a listpack. About 200 bytes a key in a snapshot.
 */
import type { Argument, RedisClient } from '../src/io/redis-client.ts'

const BATCH = 2000

/** Writes `keys` keys (and one more command for every stream entry) through a client. */
export async function fill(client: RedisClient, keys: number): Promise<void> {
  const random = xorshift(20)
  for (let first = 0; first < keys; first += BATCH) {
    const batch: Argument[][] = []
    for (let i = first; i < Math.min(keys, first + BATCH); i++) batch.push(...commandsFor(i, random))
    for (const reply of await client.pipeline(batch)) if (reply instanceof Error) throw reply
  }
}

function commandsFor(index: number, random: () => number): Argument[][] {
  const kind = index % 100
  const many = (count: number, item: (n: number) => Argument[]) =>
    Array.from({ length: count }, (_, n) => item(n)).flat()
  const word = () => random().toString(36)
  if (kind < 35) return [['SET', `page:${index}`, `<li>item ${word()} in the list of items</li>`.repeat(6)]]
  if (kind < 55) return [['SET', `blob:${index}`, noise(180 + (random() % 120), random)]]
  if (kind < 60) return [['SET', `count:${index}`, random()]]
  if (kind < 75) return [['HSET', `user:${index}`, ...many(8, (n) => [`field${n}`, `value ${word()}`])]]
  if (kind < 85) return [['RPUSH', `queue:${index}`, ...many(12, (n) => [`job ${n} ${word()}`])]]
  if (kind < 92) return [['SADD', `tags:${index}`, ...many(10, () => (index & 1 ? [random()] : [word()]))]]
  if (kind < 97)
    return [['ZADD', `board:${index}`, ...many(10, (n) => [(random() % 1000) / 8, `player${n}`])]]
  if (kind < 99) {
    return Array.from({ length: 5 }, (_, n) => [
      'XADD',
      `log:${index}`,
      `${n + 1}-0`,
      'at',
      word(),
      'what',
      word(),
    ])
  }
  return [['HSET', `wide:${index}`, ...many(150, (n) => [`f${n}`, word()])]]
}

/** Bytes that do not compress. */
function noise(size: number, random: () => number): Buffer {
  const bytes = Buffer.allocUnsafe(size)
  for (let i = 0; i < size; i++) bytes[i] = random() >>> 8
  return bytes
}

/** Small seeded generator of 32-bit numbers (Marsaglia's xorshift). */
function xorshift(seed: number): () => number {
  let state = seed
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 0
  }
}
