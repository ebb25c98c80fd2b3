/**
 * What a scenario is given: the weather on the network, the configuration of each host. From chance.
 *
 * In a mild scenario nothing is lost but connections, and backlogs hold all that is written: then a replica that
 * was synced once never needs a whole snapshot again.
 */
import type { Weather } from '../support/sim-pipe.ts'
import type { SimRandom } from '../support/sim-random.ts'
import type { Config } from './sim-host.ts'

const MILLISECOND = 1000

export function randomWeather(random: SimRandom): Weather {
  const low = random.skewed(20, 20 * MILLISECOND)
  return {
    latency: [low, random.skewed(low, 10 * low)],
    segmentBytes: random.pick([50, 500, 1460, 65_536, 65_536]),
    windowBytes: random.pick([600, 8192, 65_536, 65_536]),
    readMicros: random.pick([0, 0, 1000, 20_000]),
    highWater: random.pick([16 * 1024, 64 * 1024]),
  }
}

/** A master that answers PING with NOAUTH and PSYNC with MASTERDOWN is asked again at once, without end: as in Redis. */
const NO_RACE: Config = { 'replica-serve-stale-data': 'yes' }

/** What all hosts have in common. */
export function sharedConfig(random: SimRandom): Config {
  return random.chance(10) ? { requirepass: 'secret', masterauth: 'secret', ...NO_RACE } : {}
}

export function randomConfig(random: SimRandom, isMild: boolean): Config {
  const config = {
    'repl-backlog-size': random.pick(['16kb', '16kb', '32kb', '1mb']),
    'repl-backlog-ttl': random.pick(['3600', '3600', '1', '5', '0']),
    'repl-diskless-sync': random.pick(['yes', 'no']),
    'repl-diskless-sync-delay': random.pick(['0', '0', '1', '5']),
    'repl-diskless-sync-max-replicas': random.pick(['0', '0', '2']),
    'repl-diskless-load': random.pick(['disabled', 'on-empty-db', 'swapdb']),
    'repl-timeout': random.pick(['3', '6', '10']),
    'repl-ping-replica-period': random.pick(['1', '2', '10']),
    'replica-serve-stale-data': random.pick(['yes', 'yes', 'yes', 'no']),
    'replica-lazy-flush': random.pick(['yes', 'no']),
    'lazyfree-lazy-expire': random.pick(['yes', 'no']),
    'maxmemory-policy': random.pick(['allkeys-random', 'allkeys-lru', 'volatile-ttl', 'noeviction']),
    maxmemory: random.pick(['0', '0', '0', '60kb']),
    rdbcompression: random.pick(['yes', 'no']),
    rdbchecksum: random.pick(['yes', 'yes', 'no']),
    save: random.pick(['', '', '1 1', '5 10']),
  }
  return isMild ? { ...config, 'repl-backlog-size': '8mb', 'repl-backlog-ttl': '0' } : config
}
