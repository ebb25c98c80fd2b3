/**
 * A steady stream: redis-benchmark writes to the master while a replica follows through each subject.
 *
 * Requests per second say what the link costs the master's clients; the lag is how long after the last reply
 * the replica still needs until it has everything.
 *
 * Four processes share the cores, and single runs differ by 10 % and more with how they happen to fall: so more rounds
 * than of the others.
 */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { caughtUp, type RealRedis, startRedis } from '../src/io/redis-process.ts'
import { inRounds, type Row, Samples, type Scenario, type Settings } from './scenario.ts'
import { executable, type SubjectName, startSubject } from './subjects.ts'

const BAR_REQUESTS = 0.9
/** "Caught up as soon": how many milliseconds later than the slower of haproxy and socat still pass. */
const BAR_LAG_MS = 100
const VALUE_BYTES = 64
const ROUNDS_TIMES = 3

export const stream: Scenario = {
  name: 'stream',
  async run(settings) {
    const requests = new Samples()
    const lag = new Samples()
    await using master = await startRedis({ config: { 'client-output-buffer-limit': 'replica 0 0 0' } })
    const rounds = settings.quick ? settings.rounds : settings.rounds * ROUNDS_TIMES
    await inRounds({ ...settings, rounds }, async (name) => {
      const seen = await streamThrough(name, master, settings)
      settings.note(`${name}: ${Math.round(seen.perSecond)} requests/s, lag ${seen.lagMs.toFixed(0)} ms`)
      requests.add(name, seen.perSecond)
      lag.add(name, seen.lagMs)
    })
    return [requestsRow(requests), lagRow(lag)]
  },
}

async function streamThrough(name: SubjectName, master: RealRedis, settings: Settings) {
  const subject = await startSubject(name, master.port, 'stream')
  try {
    await master.client.command('FLUSHALL')
    await using replica = await startRedis({ config: { replicaof: `127.0.0.1 ${subject.port}` } })
    await caughtUp(master, replica)
    const perSecond = await redisBenchmark(master.port, settings.quick ? 200_000 : 1_000_000)
    const begin = performance.now()
    await caughtUp(master, replica, 60_000)
    return { perSecond, lagMs: performance.now() - begin }
  } finally {
    await subject.stop()
  }
}

/** Requests per second of SETs, 16 in a pipeline, 50 clients, 100,000 different keys. */
async function redisBenchmark(port: number, requests: number): Promise<number> {
  const load = ['-t', 'set', '-P', '16', '-n', requests, '-r', '100000', '-d', VALUE_BYTES]
  const args = ['-p', port, ...load, '--csv'].map(String)
  const { stdout } = await promisify(execFile)(executable('redis-benchmark') as string, args)
  const perSecond = Number(/^"SET","([\d.]+)"/m.exec(stdout)?.[1])
  if (!(perSecond > 0)) throw new Error(`redis-benchmark said nothing about SET: ${stdout}`)
  return perSecond
}

function requestsRow(samples: Samples): Row {
  const ratios = (['haproxy', 'socat'] as const).map((name) => [name, samples.ratioTo(name)] as const)
  const [name, value] = ratios.toSorted((a, b) => a[1] - b[1])[0] as readonly [SubjectName, number]
  return {
    scenario: 'stream',
    measure: `SET -P 16 -d ${VALUE_BYTES}`,
    unit: 'requests/s',
    values: samples.medians(),
    samples: samples.bySubject,
    score: { value, of: `× ${name}` },
    bar: { sense: 'at least', limit: BAR_REQUESTS },
  }
}

function lagRow(samples: Samples): Row {
  const { haproxy = 0, socat = 0, syncscope = 0 } = samples.medians()
  return {
    scenario: 'stream',
    measure: 'replica caught up after',
    unit: 'ms',
    values: samples.medians(),
    samples: samples.bySubject,
    score: { value: syncscope - Math.max(haproxy, socat), of: 'ms later' },
    bar: { sense: 'at most', limit: BAR_LAG_MS, unit: 'ms later' },
  }
}
