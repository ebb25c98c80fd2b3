/**
 * Command lines nobody would think of, on a real Redis and on the reference: replies, digest and what is
 * propagated must be the same. See support/command-lines.ts for how they are made.
 *
 *   FUZZ_ROUNDS=2000 FUZZ_SEED=7 npx vitest run test/server/random-lines.test.ts        the long form
 *
 * A round begins with the same small dataset of every type; the first difference of a round is told with
 * its seed, and the next round goes on.
 */

import { beforeAll, expect, it } from 'vitest'

import { quoted } from '../../src/bytes/byte-string.ts'
import { CommandLines, DATA_GROUPS, payloads, SERVER_GROUPS } from '../support/command-lines.ts'
import { SEEDING } from '../support/command-words.ts'
import { type Pair, startPair, type Told, type Tolerance } from '../support/differential.ts'
import { describeWithRedis } from '../support/real-redis.ts'
import type { Words } from '../support/reference.ts'

const ROUNDS = Number(process.env.FUZZ_ROUNDS ?? 12)
const SEED = Number(process.env.FUZZ_SEED ?? 1)
const LINES = 150

/** By chance, by order of a hash table, or by the clock: by nature different. */
const OF_DATA: Record<string, Tolerance> = {
  HELLO: 'shape',
  SRANDMEMBER: 'shape',
  HRANDFIELD: 'shape',
  ZRANDMEMBER: 'shape',
  SCAN: 'kind',
  SSCAN: 'kind',
  EXEC: 'kind',
  XPENDING: 'near',
  XINFO: 'near',
  OBJECT: 'near',
  DUMP: 'kind',
  HSCAN: 'kind',
  ZSCAN: 'kind',
}

const OF_SERVER: Record<string, Tolerance> = {
  HELLO: 'shape',
  INFO: 'kind',
  LASTSAVE: 'kind',
  LATENCY: 'kind',
  MEMORY: 'kind',
  SLOWLOG: 'kind',
  LOLWUT: 'kind',
  'CLIENT|ID': 'kind',
  'CLIENT|INFO': 'kind',
  'CLIENT|LIST': 'kind',
  // In the order of a hash table, or with commands that are still to come.
  'COMMAND|UNDEFINED': 'kind',
  'COMMAND|COUNT': 'kind',
  'COMMAND|DOCS': 'kind',
  'COMMAND|INFO': 'kind',
  'COMMAND|LIST': 'kind',
  EXEC: 'kind',
}

const DEFAULTS = {
  'hash-max-listpack-entries': 512,
  'hash-max-listpack-value': 64,
  'set-max-intset-entries': 512,
  'zset-max-listpack-entries': 128,
  'zset-max-listpack-value': 64,
  'list-max-listpack-size': -2,
  'stream-node-max-entries': 100,
  'hll-sparse-max-bytes': 3000,
  'lazyfree-lazy-expire': 'no',
  'lazyfree-lazy-server-del': 'no',
}
/** Configurations that rounds take turns in. */
const PROFILES: readonly Readonly<Record<string, string | number>>[] = [
  DEFAULTS,
  {
    ...DEFAULTS,
    'hash-max-listpack-entries': 2,
    'hash-max-listpack-value': 3,
    'set-max-intset-entries': 2,
    'zset-max-listpack-entries': 2,
    'zset-max-listpack-value': 3,
    'list-max-listpack-size': 2,
    'stream-node-max-entries': 2,
    'hll-sparse-max-bytes': 20,
  },
  {
    ...DEFAULTS,
    'lazyfree-lazy-expire': 'yes',
    'lazyfree-lazy-server-del': 'yes',
  },
]

/** A number of keys that is none: Redis then asks its older way, which knows no flags. */
function isMiscounted([name, ...words]: Words): boolean {
  const at = /^(?:[lz]mpop|z(?:union|inter|diff|intercard)|sintercard)$/i.test(String(name))
    ? 0
    : /^(?:b[lz]mpop|z(?:union|inter|diff)store)$/i.test(String(name))
      ? 1
      : undefined
  return at !== undefined && !/^(?:0|-?[1-9]\d*)$/.test(String(words[at]))
}

const beginning = (round: number): Words[] => [
  ...[['DISCARD'], ['UNWATCH'], ['HELLO', 2 + (round % 2)], ['SELECT', '0'], ['FLUSHALL']],
  ['CONFIG', 'SET', ...Object.entries(PROFILES[round % PROFILES.length]!).flat()],
  ...SEEDING,
]

function firstDifference({ real, reference }: Told): string | undefined {
  for (let i = 0; i < Math.max(real.length, reference.length); i++) {
    if (real[i] !== reference[i]) return `\n  redis     ${real[i]}\n  reference ${reference[i]}`
  }
  return undefined
}

/** Runs the lines again, one by one, to find the one after which dataset or effects differ. */
async function whenAlone(
  pair: Pair,
  lines: readonly Words[],
  tolerances: Record<string, Tolerance>,
): Promise<string> {
  // What is left of the failed round is not to be seen.
  await pair.compare([['DISCARD'], ['FLUSHALL']], { tolerances })
  for (const line of lines) {
    const told = firstDifference(await pair.compare([line], { tolerances }))
    if (told !== undefined) return `\n  by ${line.map((word) => quoted(String(word))).join(' ')}${told}`
  }
  return '\n  and not when run line by line'
}

describeWithRedis('random lines', (server) => {
  let pair: Pair
  beforeAll(async () => {
    pair = await startPair({ server })
    await pair.real.command('DEBUG', 'SET-ACTIVE-EXPIRE', '0')
    pair.client.command('CONFIG', 'SET', 'save', '')
  })

  const alike = async (
    groups: readonly string[],
    tolerances: Record<string, Tolerance>,
    asked = (line: Words): Words => line,
  ) => {
    const maker = new CommandLines(groups, payloads(), true)
    const differences: string[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const seed = SEED * 1_000_003 + round * LINES
      const lines = Array.from({ length: LINES }, (_, i) => maker.lines(seed + i).map(asked)).flat()
      const whole = [...beginning(round), ...lines, ['DISCARD']]
      const told = firstDifference(await pair.compare(whole, { tolerances }))
      if (told === undefined) continue
      differences.push(`round ${round}: ${told}${await whenAlone(pair, whole, tolerances)}`)
    }
    expect(differences).toEqual([])
  }
  const timeout = 60_000 + ROUNDS * 1000

  it('about data are answered and propagated alike', { timeout }, () => alike(DATA_GROUPS, OF_DATA))

  it.each(['GETKEYS', 'GETKEYSANDFLAGS'])('have the same keys for COMMAND %s', { timeout }, async (how) => {
    await alike(DATA_GROUPS, { HELLO: 'shape' }, (line) =>
      isMiscounted(line) ? ['PING'] : ['COMMAND', how, ...line],
    )
  })

  it('about the server are answered alike', { timeout }, () => alike(SERVER_GROUPS, OF_SERVER))
})
