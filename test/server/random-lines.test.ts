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
import { CommandLines, DATA_GROUPS, payloads } from '../support/command-lines.ts'
import { SEEDING } from '../support/command-words.ts'
import { type Pair, startPair, type Told, type Tolerance } from '../support/differential.ts'
import { describeWithRedis } from '../support/real-redis.ts'
import type { Words } from '../support/reference.ts'

const ROUNDS = Number(process.env.FUZZ_ROUNDS ?? 12)
const SEED = Number(process.env.FUZZ_SEED ?? 1)
const LINES = 150

/** By chance, by order of a hash table, or by the clock: by nature different. */
const TOLERANCES: Record<string, Tolerance> = {
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
async function whenAlone(pair: Pair, lines: readonly Words[]): Promise<string> {
  for (const line of lines) {
    const told = firstDifference(await pair.compare([line], { tolerances: TOLERANCES }))
    if (told !== undefined) return `\n  by ${line.map((word) => quoted(String(word))).join(' ')}${told}`
  }
  return '\n  and not when run line by line'
}

describeWithRedis('random lines', (server) => {
  let pair: Pair
  beforeAll(async () => {
    pair = await startPair({ server })
    await pair.real.command('DEBUG', 'SET-ACTIVE-EXPIRE', '0')
  })

  it('are answered and propagated alike', { timeout: 60_000 + ROUNDS * 1000 }, async () => {
    const maker = new CommandLines(DATA_GROUPS, payloads(), true)
    const differences: string[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const seed = SEED * 1_000_003 + round * LINES
      const lines = Array.from({ length: LINES }, (_, i) => maker.lines(seed + i)).flat()
      const whole = [...beginning(round), ...lines, ['DISCARD']]
      const told = firstDifference(await pair.compare(whole, { tolerances: TOLERANCES }))
      if (told === undefined) continue
      differences.push(`round ${round}: ${told}${await whenAlone(pair, whole)}`)
    }
    expect(differences).toEqual([])
  })
})
