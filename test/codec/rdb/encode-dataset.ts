/**
 * Random datasets for the writer, the same for a seed, and what a live server says of a key in the same form.
 *
 * Sizes lie on both sides of every limit; texts mix integers of all widths, short and long, binary,
 * compressible and random bytes.
 */
import type { ByteString } from '../../../src/bytes/byte-string.ts'
import type {
  RdbEntry,
  RdbGroup,
  RdbStream,
  RdbStreamEntry,
  RdbValue,
  StreamId,
} from '../../../src/codec/rdb/encode-model.ts'
import type { RedisClient, Reply } from '../../../src/io/redis-client.ts'
import { mulberry32 } from '../../support/every-split.ts'

const FAR = 4_102_444_800_000
const SIZES = [1, 2, 3, 127, 128, 129, 511, 512, 513, 2000]
const SCORES = [0, 1, -1, 0.1, 1.5, 1e17, -9e15, 1e300, 1e-10, 123456789.125, 2 ** 53, 1 + 2 ** -17]

export class RandomValues {
  readonly #random: () => number

  constructor(seed: number) {
    this.#random = mulberry32(seed)
  }

  below(limit: number): number {
    return Math.floor(this.#random() * limit)
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!
  }

  size(): number {
    return this.#random() < 0.7 ? 1 + this.below(40) : this.pick(SIZES)
  }

  text(longest = 300): ByteString {
    switch (this.below(6)) {
      case 0:
        return String(Math.trunc((this.#random() - 0.5) * 2 ** this.below(54))) as ByteString
      case 1:
        return this.bytes(this.below(20))
      case 2:
        return this.pick(['ab', 'x', '0', 'hello world ']).repeat(this.below(longest / 2)) as ByteString
      case 3:
        return this.pick([
          '',
          '-0',
          '007',
          '9223372036854775807',
          '-9223372036854775808',
          '1e5',
        ]) as ByteString
      case 4:
        return this.bytes(this.below(longest))
      default:
        return `field:${this.below(1000)}` as ByteString
    }
  }

  bytes(size: number): ByteString {
    let text = ''
    for (let i = 0; i < size; i++) text += String.fromCharCode(this.below(256))
    return text as ByteString
  }

  distinct(count: number, make: () => ByteString): ByteString[] {
    const all = new Set<ByteString>()
    while (all.size < count) all.add(all.size % 3 === 0 ? (`${make()}${all.size}` as ByteString) : make())
    return [...all]
  }

  value(type = this.pick(['string', 'list', 'set', 'hash', 'zset', 'stream'] as const)): RdbValue {
    const count = this.size()
    const short = this.below(3) > 0
    const text = () => this.text(short ? 60 : 300)
    switch (type) {
      case 'string':
        return { type, value: this.below(5) > 0 ? this.text() : this.text(200_000) }
      case 'list':
        // Now and then an element larger than a node.
        return {
          type,
          items: Array.from({ length: count }, () => (this.below(300) === 0 ? this.bytes(9000) : text())),
        }
      case 'set': {
        const integer = () => String(this.below(2 ** this.below(50)) - 1000) as ByteString
        return { type, members: this.distinct(count, this.below(2) === 0 ? integer : text) }
      }
      case 'hash':
        return {
          type,
          fields: this.distinct(count, text).map((field) => ({ field, value: text() })),
        }
      case 'zset':
        return {
          type,
          members: this.distinct(count, text).map((member) => ({ member, score: this.score() })),
        }
      case 'stream':
        return this.stream(count, text)
    }
  }

  /** A hash some of whose fields expire. */
  expiringHash(): RdbValue {
    const fields = this.distinct(this.size(), () => this.text(80)).map((field) => ({
      field,
      value: this.text(80),
      expireAt: this.below(2) === 0 ? FAR + this.below(1e6) : undefined,
    }))
    return {
      type: 'hash',
      fields,
      minExpireAt: Math.min(FAR + 1e6, ...fields.flatMap((f) => f.expireAt ?? [])),
    }
  }

  score(): number {
    if (this.below(12) === 0) return this.pick([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
    return this.below(2) === 0 ? this.pick(SCORES) : (this.#random() - 0.5) * 10 ** this.below(20)
  }

  stream(count: number, text: () => ByteString): RdbStream {
    const entries: RdbStreamEntry[] = []
    let ms = BigInt(this.below(1e6))
    let seq = 1n
    const usual = [text(), text()]
    for (let i = 0; i < count; i++) {
      if (this.below(3) > 0) seq += BigInt(1 + this.below(5))
      else {
        ms += BigInt(1 + this.below(1e6))
        seq = BigInt(this.below(100_000))
      }
      const isUsual = this.below(5) > 0
      const names = isUsual ? usual : Array.from({ length: 1 + this.below(4) }, text)
      entries.push({ id: { ms, seq }, fields: names.flatMap((name) => [name, text()]) })
    }
    return {
      type: 'stream',
      entries,
      firstId: entries[0]!.id,
      lastId: { ms: ms + 1n, seq: 7n },
      maxDeletedId: { ms: 0n, seq: 0n },
      entriesAdded: count,
      groups: Array.from({ length: this.below(3) }, (_, i) => this.group(i, entries)),
    }
  }

  group(index: number, entries: RdbStreamEntry[]): RdbGroup {
    const seenAt = 1_700_000_000_000 + this.below(1e9)
    const delivered = entries.filter(() => this.below(3) === 0)
    const owners = (['alice', 'bob', this.bytes(5)] as ByteString[]).sort()
    const owned = new Map(owners.map((name): [ByteString, StreamId[]] => [name, []]))
    for (const { id } of delivered) owned.get(this.pick(owners))!.push(id)
    return {
      name: `group${index}` as ByteString,
      lastId: entries[entries.length - 1]!.id,
      entriesRead: undefined,
      pending: delivered.map(({ id }) => ({
        id,
        deliveredAt: seenAt - this.below(1e6),
        count: 1 + this.below(200),
      })),
      consumers: owners.map((name) => ({ name, seenAt, activeAt: seenAt, pending: owned.get(name)! })),
    }
  }

  /** Entries under distinct keys, some of them expiring. */
  entries(count: number, value = () => this.value()): RdbEntry[] {
    return this.distinct(count, () => this.text(60)).map((key) => ({
      key,
      value: value(),
      expireAt: this.below(4) === 0 ? FAR + this.below(1e6) : undefined,
    }))
  }
}

/** A value with all that has no order sorted, as plain JSON. */
export function plainValue(value: RdbValue): unknown {
  switch (value.type) {
    case 'set':
      return ['set', [...value.members].sort()]
    case 'list':
      return ['list', [...value.items]]
    case 'hash':
      return ['hash', [...value.fields].map((f) => [f.field, f.value, f.expireAt ?? -1]).sort()]
    case 'zset':
      return ['zset', [...value.members].map((m) => [m.member, String(m.score)]).sort()]
    case 'stream':
      return [
        'stream',
        [...value.entries].map(({ id, fields }) => [idText(id), fields]),
        idText(value.lastId),
        [...value.groups].map((group) => [
          group.name,
          idText(group.lastId),
          [...group.consumers].map((c) => [c.name, [...c.pending].map(idText)]).sort(),
          [...group.pending].map((p) => [idText(p.id), p.deliveredAt, p.count]),
        ]),
      ]
    case 'string':
      return ['string', value.value]
    default:
      throw new Error(`no plain form of ${value.type}`)
  }
}

/** The same of a key in a live server. @param client opened with `buffers`. */
export async function plainKey(client: RedisClient, key: ByteString, withTimes: boolean): Promise<unknown> {
  const name = Buffer.from(key, 'latin1')
  const ask = async (...words: string[]) => latin1(await client.command(words[0]!, name, ...words.slice(1)))
  const type = await ask('TYPE')
  switch (type) {
    case 'string':
      return [type, await ask('GET')]
    case 'list':
      return [type, await ask('LRANGE', '0', '-1')]
    case 'set':
      return [type, ((await ask('SMEMBERS')) as string[]).sort()]
    case 'zset': {
      const members = pairs((await ask('ZRANGE', '0', '-1', 'WITHSCORES')) as string[])
      return [type, members.map(([member, score]) => [member, scoreName(score!)]).sort()]
    }
    case 'hash': {
      const fields = pairs((await ask('HGETALL')) as string[])
      const names = fields.map(([field]) => Buffer.from(field!, 'latin1'))
      const times = withTimes
        ? await client.command('HPEXPIRETIME', name, 'FIELDS', names.length, ...names)
        : []
      return [type, fields.map((pair, i) => [...pair, (times as number[])[i] ?? -1]).sort()]
    }
    default:
      return [type, ...(await streamOf(ask, client, name))]
  }
}

async function streamOf(
  ask: (...words: string[]) => Promise<unknown>,
  client: RedisClient,
  name: Buffer,
): Promise<unknown[]> {
  const full = record(latin1(await client.command('XINFO', 'STREAM', name, 'FULL', 'COUNT', 0)))
  const groups = (full.groups as unknown[]).map((each) => {
    const group = record(each)
    const pending = (group.pel ?? group.pending) as [string, string, number, number][]
    const consumers = (group.consumers as unknown[]).map((one) => {
      const consumer = record(one)
      const owned = (consumer.pending ?? consumer.pel) as [string][]
      return [consumer.name, owned.map(([id]) => id)]
    })
    return [
      group.name,
      group['last-delivered-id'],
      consumers.sort(),
      pending.map(([id, , at, count]) => [id, at, count]),
    ]
  })
  return [await ask('XRANGE', '-', '+'), full['last-generated-id'], groups]
}

function idText(id: StreamId): string {
  return `${id.ms}-${id.seq}`
}

function scoreName(text: string): string {
  if (text === 'inf') return 'Infinity'
  return text === '-inf' ? '-Infinity' : String(Number(text))
}

function pairs(flat: string[]): string[][] {
  return Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i]!, flat[2 * i + 1]!])
}

function record(flat: unknown): Record<string, unknown> {
  const list = flat as unknown[]
  return Object.fromEntries(list.flatMap((name, i) => (i % 2 === 0 ? [[name as string, list[i + 1]]] : [])))
}

function latin1(reply: Reply): unknown {
  if (Buffer.isBuffer(reply)) return reply.toString('latin1')
  return Array.isArray(reply) ? reply.map(latin1) : reply
}
