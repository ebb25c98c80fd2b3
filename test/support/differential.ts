/**
 * Differential tests: the same commands to a real Redis and to the reference; every reply is compared,
 * and at the end what
 * both propagated. No expected value is typed by hand, so none can be wrong.
 *
 *   const pair = await startPair({ server })
 *   await pair.same(['SET k v', 'GET k', 'INCR k'])            replies equal, effects equal
 *   await pair.same([['SET', 'k', Buffer.from([255])]])
 *
 * What may differ is declared per command in `TOLERANCES`, as data.
 */
import { expect } from 'vitest'
import { quoted } from '../../src/bytes/byte-string.ts'
import { splitInline } from '../../src/codec/resp/inline.ts'
import type { RespValue } from '../../src/codec/resp/values.ts'
import type { RealRedis } from '../../src/io/redis-process.ts'
import { RawClient } from './raw-client.ts'
import type { RealServer, StartOptions } from './real-redis.ts'
import { startRedis } from './real-redis.ts'
import {
  type Reference,
  type ReferenceClient,
  type ReferenceOptions,
  startReference,
  type Words,
} from './reference.ts'
import { type StreamTap, tapStream } from './stream-tap.ts'

/**
 * How far a reply may differ:
 *   exact        not at all (what is not listed)
 *   unordered    the same elements in any order; pairs: elements two by two
 *   shape        the same types and lengths, other contents (random members, ids of clients, times)
 *   near         integers may differ by 2 % or 1500 (a TTL is read a moment later), wherever they stand
 *   kind         both an error, and the same one, or both none (cursors and what they find)
 */
export type Tolerance = 'exact' | 'unordered' | 'unordered-pairs' | 'shape' | 'near' | 'kind'

export const TOLERANCES: Record<string, Tolerance> = {
  KEYS: 'unordered',
  SMEMBERS: 'unordered',
  SINTER: 'unordered',
  SUNION: 'unordered',
  SDIFF: 'unordered',
  HKEYS: 'unordered',
  HVALS: 'unordered',
  HGETALL: 'unordered-pairs',
  CONFIG: 'unordered-pairs',
  TIME: 'shape',
  TTL: 'near',
  PTTL: 'near',
  EXPIRETIME: 'near',
  PEXPIRETIME: 'near',
}

export type Pair = {
  readonly redis: RealRedis
  readonly real: RawClient
  readonly reference: Reference
  readonly client: ReferenceClient
  /**
   * Runs commands on both and compares replies, then what was propagated. A string is split as redis-cli
   * would.
   */
  same(commands: readonly (string | Words)[], options?: SameOptions): Promise<void>
  /** Like `same`, but hands back what differed (and digest and effects) instead of failing. */
  compare(commands: readonly (string | Words)[], options?: SameOptions): Promise<Told>
  /** For other ways to make both do the same: forgets what was propagated so far, */
  beginEffects(): Promise<void>
  /** and tells what was since, with the digest of both. */
  endEffects(): Promise<{ real: string[]; reference: string[] }>
}
/** Replies that differ, the digest, the effects: of each side, in step. */
export type Told = { readonly real: string[]; readonly reference: string[] }

export type SameOptions = {
  /** Tolerances for this run, over TOLERANCES; subcommands as `CLIENT|LIST`. */
  readonly tolerances?: Record<string, Tolerance>
  /** Compare the effects on the stream too (default true). */
  readonly effects?: boolean
  /** Compare effects in any order: for commands that touch keys in the order of a hash table. */
  readonly sortedEffects?: boolean
  /** Compare DEBUG DIGEST at the end (default true). */
  readonly digest?: boolean
}

export async function startPair(
  options: { server?: RealServer; config?: StartOptions['config']; reference?: ReferenceOptions } = {},
): Promise<Pair> {
  const { server, config = {}, reference: referenceOptions } = options
  const redis = await startRedis({
    ...(server && { server }),
    // The tap acknowledges nothing; it must not be taken for dead.
    config: {
      'enable-debug-command': 'yes',
      'repl-diskless-sync-delay': 0,
      'repl-timeout': 100_000,
      ...config,
    },
  })
  const real = await RawClient.open(redis.port)
  const reference = startReference(referenceOptions)
  const client = reference.client()
  const tap = await tapStream(redis.port)
  const both: Both = { real, client, reference, tap }
  return {
    redis,
    real,
    reference,
    client,
    same: async (commands, sameOptions) => {
      const told = await compare(both, commands, sameOptions)
      expect(told.reference).toEqual(told.real)
    },
    compare: (commands, sameOptions) => compare(both, commands, sameOptions),
    beginEffects: async () => {
      await tap.settled(real)
      tap.take()
      reference.effects = []
    },
    endEffects: async () => {
      await tap.settled(real)
      const digests = [await real.command('DEBUG', 'DIGEST'), client.command('DEBUG', 'DIGEST')]
      const [expected, got] = digests.map((digest) => JSON.stringify(digest))
      return {
        real: [...comparable(tap.take()), expected!],
        reference: [...comparable(reference.effects), got!],
      }
    },
  }
}

type Both = {
  readonly real: RawClient
  readonly client: ReferenceClient
  readonly reference: Reference
  readonly tap: StreamTap
}

async function compare(
  { real, client, reference, tap }: Both,
  commands: readonly (string | Words)[],
  { tolerances = {}, effects = true, digest = true, sortedEffects = false }: SameOptions = {},
): Promise<Told> {
  tap.take()
  reference.effects = []
  real.takeRaw()
  client.takeRaw()
  const told: Told = { real: [], reference: [] }
  for (const command of commands) {
    const words: Words = typeof command === 'string' ? splitInline(command)! : command
    const line = words.map((word) => quoted(String(word)).slice(0, 80)).join(' ')
    const name = String(words[0]).toUpperCase()
    const full = `${name}|${String(words[1]).toUpperCase()}`
    const tolerance = tolerances[full] ?? tolerances[name] ?? TOLERANCES[name] ?? 'exact'
    const [expected, got] = [await real.command(...words), client.command(...words)]
    const [expectedBytes, gotBytes] = [real.takeRaw(), client.takeRaw()]
    // Bytes tell more than values: there are two nulls in RESP2.
    if (tolerance === 'exact' ? expectedBytes === gotBytes : isAlike(expected, got, tolerance)) continue
    told.real.push(`${line} → ${JSON.stringify(expected, bigintText)} ${quoted(expectedBytes)}`)
    told.reference.push(`${line} → ${JSON.stringify(got, bigintText)} ${quoted(gotBytes)}`)
  }
  // Within a transaction nobody can ask.
  const isIdle = client.session.transaction === undefined
  if (digest && isIdle) {
    const [expected, got] = [await real.command('DEBUG', 'DIGEST'), client.command('DEBUG', 'DIGEST')]
    told.real.push(`digest ${JSON.stringify(expected)}`)
    told.reference.push(`digest ${JSON.stringify(got)}`)
  }
  if (effects && isIdle) {
    await tap.settled(real)
    const inOrder = (lines: string[]) => (sortedEffects ? lines.sort() : lines)
    told.real.push(...inOrder(comparable(tap.take())))
    told.reference.push(...inOrder(comparable(reference.effects)))
  }
  return told
}

/**
 * Times are read a moment apart: absolute ones are compared to the hundred seconds. SELECT is the feed's
 * business.
 */
function comparable(lines: readonly string[]): string[] {
  return lines
    .filter((line) => !line.startsWith('SELECT '))
    .map((line) => line.replace(/\b1[6-9]\d{11}\b/g, (ms) => `~${Math.round(Number(ms) / 100_000)}`))
}

export function isAlike(a: RespValue | undefined, b: RespValue | undefined, tolerance: Tolerance): boolean {
  if (a === undefined || b === undefined) return a === b
  if (tolerance === 'near') return isNear(a, b)
  if (tolerance === 'kind') return a.type === b.type && (a.type !== 'error' || text(a) === text(b))
  if (tolerance === 'shape') return shape(a) === shape(b)
  if (tolerance === 'unordered') return ordered(a, 1) === ordered(b, 1)
  if (tolerance === 'unordered-pairs') return ordered(a, 2) === ordered(b, 2)
  return text(a) === text(b)
}

function isNear(a: RespValue, b: RespValue): boolean {
  if (a.type === 'integer' && b.type === 'integer') {
    const [x, y] = [Number(a.value), Number(b.value)]
    const isFar = Math.abs(x - y) > Math.max(1500, Math.abs(x) * 0.02)
    return (Math.sign(x) === Math.sign(y) || Math.abs(x - y) < 100) && !isFar
  }
  if (!('items' in a && 'items' in b)) return text(a) === text(b)
  return a.items.length === b.items.length && a.items.every((item, i) => isNear(item, b.items[i]!))
}

function text(value: RespValue): string {
  return JSON.stringify(value, bigintText)
}

function ordered(value: RespValue, step: 1 | 2): string {
  if (!('items' in value)) return text(value)
  const parts: string[] = []
  const by = value.type === 'map' ? 2 : step
  for (let i = 0; i < value.items.length; i += by) {
    parts.push(
      value.items
        .slice(i, i + by)
        .map(text)
        .join(' '),
    )
  }
  return `${value.type} ${parts.sort().join(',')}`
}

function shape(value: RespValue): string {
  if ('items' in value) return `${value.type}[${value.items.map(shape).join(',')}]`
  return value.type === 'error' ? text(value) : value.type
}

function bigintText(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}
