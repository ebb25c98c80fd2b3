/**
 * What clients do in simulations and beside real servers: writes of every type on few keys, so that they
 * meet; most of them change something, some are errors. Lists of templates, and chance.
 */

import type { Words } from '../simulation/sim-client.ts'
import type { SimRandom } from './sim-random.ts'

type Template = (random: SimRandom) => Words

const DATABASES = 3
/** Most values are short; some fill a small backlog. */
const LONG_BYTES = 6000

/** A few that meet often, and many that are only there. */
const key = (random: SimRandom, type: string): string => `${type}${random.below(random.chance(90) ? 4 : 200)}`
const field = (random: SimRandom): string => `f${random.below(12)}`
const score = (random: SimRandom): string => random.pick(['-inf', '-1.5', '0', '1', '2.25', '1e17', '3'])
const end = (random: SimRandom): string => random.pick(['LEFT', 'RIGHT'])

function value(random: SimRandom): string {
  if (random.chance(4)) return String.fromCharCode(97 + random.below(26)).repeat(random.below(LONG_BYTES))
  return random.chance(30) ? String(random.between(-99, 999)) : `v${random.hex(random.between(1, 30))}`
}

const far = (random: SimRandom): number => random.skewed(1, 20_000)

const STRINGS: readonly Template[] = [
  (r) => ['SET', key(r, 's'), value(r)],
  (r) => ['SET', key(r, 's'), value(r), 'PX', far(r)],
  (r) => ['SET', key(r, 's'), value(r), r.pick(['NX', 'XX']), 'GET'],
  (r) => ['SETEX', key(r, 's'), r.between(1, 9), value(r)],
  (r) => ['APPEND', key(r, 's'), value(r)],
  (r) => ['SETRANGE', key(r, 's'), r.below(40), value(r)],
  (r) => ['INCRBY', key(r, 'n'), r.between(-9, 99)],
  (r) => ['INCRBYFLOAT', key(r, 'n'), r.pick(['0.1', '-2.5', '1e3', '3'])],
  (r) => ['MSET', key(r, 's'), value(r), key(r, 's'), value(r)],
  (r) => ['GETEX', key(r, 's'), 'PX', far(r)],
  (r) => ['GETDEL', key(r, 's')],
  (r) => ['SETBIT', key(r, 'b'), r.below(999), r.below(2)],
  (r) => ['BITFIELD', key(r, 'b'), 'INCRBY', 'u5', `#${r.below(9)}`, r.below(40)],
  (r) => ['BITOP', r.pick(['AND', 'OR', 'XOR']), key(r, 'b'), key(r, 'b'), key(r, 'b')],
  (r) => ['PFADD', key(r, 'p'), value(r), value(r)],
  (r) => ['PFMERGE', key(r, 'p'), key(r, 'p'), key(r, 'p')],
  (r) => ['PFCOUNT', key(r, 'p'), key(r, 'p')],
]

const LISTS: readonly Template[] = [
  (r) => [r.pick(['LPUSH', 'RPUSH']), key(r, 'l'), value(r), value(r)],
  (r) => ['RPUSH', key(r, 'l'), ...Array<string>(r.between(1, 150)).fill(value(r).slice(0, 40))],
  (r) => [r.pick(['LPOP', 'RPOP']), key(r, 'l'), r.between(1, 20)],
  (r) => ['LMOVE', key(r, 'l'), key(r, 'l'), end(r), end(r)],
  (r) => ['LREM', key(r, 'l'), r.between(-2, 2), value(r)],
  (r) => ['LSET', key(r, 'l'), r.between(-3, 3), value(r)],
  (r) => ['LTRIM', key(r, 'l'), r.below(3), r.between(5, 300)],
  (r) => ['LMPOP', 2, key(r, 'l'), key(r, 'l'), end(r), 'COUNT', r.between(1, 9)],
  (r) => ['SORT', key(r, 'l'), 'ALPHA', 'LIMIT', 0, 20, 'STORE', key(r, 'l')],
]

const SETS: readonly Template[] = [
  (r) => ['SADD', key(r, 'e'), r.below(40), r.below(40), value(r)],
  (r) => ['SADD', key(r, 'i'), ...Array.from({ length: 20 }, () => r.below(1000))],
  (r) => ['SREM', key(r, 'i'), r.below(1000), r.below(1000), r.below(1000)],
  (r) => ['SPOP', key(r, r.pick(['e', 'i']))],
  (r) => ['SPOP', key(r, r.pick(['e', 'i'])), r.between(1, 9)],
  (r) => ['SMOVE', key(r, 'e'), key(r, 'i'), r.below(40)],
  (r) => [r.pick(['SINTERSTORE', 'SUNIONSTORE', 'SDIFFSTORE']), key(r, 'e'), key(r, 'e'), key(r, 'i')],
]

const HASHES: readonly Template[] = [
  (r) => ['HSET', key(r, 'h'), field(r), value(r), field(r), value(r)],
  (r) => ['HINCRBY', key(r, 'h'), `n${r.below(4)}`, r.between(-9, 9)],
  (r) => ['HINCRBYFLOAT', key(r, 'h'), `n${r.below(4)}`, '0.25'],
  (r) => ['HDEL', key(r, 'h'), field(r), field(r)],
  (r) => ['HSET', key(r, 'h'), ...Array.from({ length: 60 }, (_, i) => `${i % 2 ? 'v' : 'm'}${r.below(90)}`)],
]

const SORTED_SETS: readonly Template[] = [
  (r) => ['ZADD', key(r, 'z'), score(r), field(r), score(r), field(r)],
  (r) => ['ZADD', key(r, 'z'), r.pick(['GT', 'LT', 'NX']), score(r), field(r)],
  (r) => ['ZINCRBY', key(r, 'z'), r.pick(['0.5', '-3']), field(r)],
  (r) => [r.pick(['ZPOPMIN', 'ZPOPMAX']), key(r, 'z'), r.between(1, 3)],
  (r) => ['ZREM', key(r, 'z'), field(r)],
  (r) => ['ZREMRANGEBYRANK', key(r, 'z'), 8, -1],
  (r) => ['ZUNIONSTORE', key(r, 'z'), 2, key(r, 'z'), key(r, 'z'), 'WEIGHTS', 2, '0.5'],
  (r) => ['GEOADD', key(r, 'g'), r.between(-180, 180), r.between(-85, 85), field(r)],
  (r) => ['GEOSEARCHSTORE', key(r, 'g'), key(r, 'g'), 'FROMLONLAT', 0, 0, 'BYRADIUS', 9000, 'km'],
]

const STREAMS: readonly Template[] = [
  (r) => ['XADD', key(r, 'x'), '*', field(r), value(r)],
  (r) => ['XADD', key(r, 'x'), 'MAXLEN', '~', 30, '*', field(r), value(r)],
  (r) => ['XADD', key(r, 'x'), 'MAXLEN', 10, '*', field(r), value(r)],
  (r) => ['XGROUP', 'CREATE', key(r, 'x'), `g${r.below(2)}`, r.pick(['0', '$']), 'MKSTREAM'],
  (r) => ['XREADGROUP', 'GROUP', `g${r.below(2)}`, `c${r.below(3)}`, 'COUNT', 2, 'STREAMS', key(r, 'x'), '>'],
  (r) => ['XREADGROUP', 'GROUP', 'g0', 'c0', 'NOACK', 'COUNT', 1, 'STREAMS', key(r, 'x'), '>'],
  (r) => ['XAUTOCLAIM', key(r, 'x'), 'g0', `c${r.below(3)}`, 0, '0', 'COUNT', 3],
  (r) => ['XGROUP', r.pick(['CREATECONSUMER', 'DELCONSUMER']), key(r, 'x'), 'g0', `c${r.below(3)}`],
  (r) => ['XTRIM', key(r, 'x'), 'MAXLEN', r.between(2, 12)],
  (r) => ['XGROUP', 'SETID', key(r, 'x'), 'g0', '0'],
]

const KEYS: readonly Template[] = [
  (r) => ['PEXPIRE', any(r), far(r)],
  (r) => ['EXPIRE', any(r), r.between(-1, 9)],
  (r) => ['PERSIST', any(r)],
  (r) => ['DEL', any(r), any(r)],
  (r) => ['UNLINK', any(r)],
  (r) => ['COPY', any(r), any(r), 'REPLACE'],
  (r) => ['MOVE', any(r), r.below(DATABASES)],
  (r) => ['TOUCH', any(r), any(r)],
  (r) => [r.pick(['TYPE', 'TTL', 'EXISTS']), any(r)],
  () => ['RANDOMKEY'],
  (r) => ['PUBLISH', 'channel', value(r)],
]

/** Seldom: they end the lives of many. */
const RARE: readonly Template[] = [
  () => ['FLUSHDB'],
  () => ['FLUSHALL'],
  (r) => ['SWAPDB', r.below(DATABASES), r.below(DATABASES)],
  (r) => ['RENAME', any(r), any(r)],
]

const TYPES = [STRINGS, LISTS, SETS, HASHES, SORTED_SETS, STREAMS, KEYS]
const LETTERS = ['s', 'n', 'l', 'e', 'i', 'h', 'z', 'x', 'b', 'p', 'g']

function any(random: SimRandom): string {
  return key(random, random.pick(LETTERS))
}

/** One command that does not wait. */
export function randomCommand(random: SimRandom): Words {
  if (random.chance(0.5)) return random.pick(RARE)(random)
  return random.pick(random.pick(TYPES))(random)
}

const WAITING: readonly Template[] = [
  (r) => [r.pick(['BLPOP', 'BRPOP']), key(r, 'l'), key(r, 'l'), r.between(1, 9) / 10],
  (r) => ['BLMOVE', key(r, 'l'), key(r, 'l'), end(r), end(r), r.between(1, 9) / 10],
  (r) => ['BZPOPMIN', key(r, 'z'), r.between(1, 9) / 10],
  (r) => ['XREADGROUP', 'GROUP', 'g0', 'c1', 'BLOCK', 500, 'STREAMS', key(r, 'x'), '>'],
]

/** What a client says in one breath: a command, a transaction, another database, something it waits for. */
export function randomTurn(random: SimRandom): Words[] {
  const kind = random.below(100)
  if (kind < 70) return [randomCommand(random)]
  if (kind < 80) return [['SELECT', random.below(DATABASES)], randomCommand(random)]
  if (kind < 90) {
    const commands = Array.from({ length: random.between(0, 5) }, () => randomCommand(random))
    if (random.chance(20)) commands.push(['SELECT', random.below(DATABASES)], randomCommand(random))
    return [['MULTI'], ...commands, [random.chance(90) ? 'EXEC' : 'DISCARD']]
  }
  return [random.pick(WAITING)(random)]
}

const READS: readonly Template[] = [
  (r) => [r.pick(['TYPE', 'TTL', 'EXISTS', 'DUMP', 'OBJECT']), any(r)],
  (r) => ['GET', key(r, 's')],
  (r) => ['LRANGE', key(r, 'l'), 0, -1],
  (r) => ['XRANGE', key(r, 'x'), '-', '+'],
  () => ['RANDOMKEY'],
  () => ['SCAN', 0],
  (r) => ['SELECT', r.below(DATABASES)],
]

/** What changes nothing, anywhere: for replicas. A write, too, which they refuse. */
export function randomRead(random: SimRandom): Words[] {
  return [random.chance(90) ? random.pick(READS)(random) : ['SET', key(random, 's'), 'refused']]
}
