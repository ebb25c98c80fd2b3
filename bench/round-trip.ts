/**
 * One write's round trip: SET and WAIT 1 sent together to the master, until the replica has confirmed.
 *
 * Every subject has a master and a replica of its own, and they take turns in short batches: the differences
 * are some tens of microseconds, less than the machine drifts in a minute.
 */
import { caughtUp, type RealRedis, startRedis } from '../src/io/redis-process.ts'
import { median, percentile, type Row, type Scenario } from './scenario.ts'
import { SUBJECTS, type SubjectName, startSubject } from './subjects.ts'

const BAR = 3
const BATCH = 250

export const roundTrip: Scenario = {
  name: 'round-trip',
  async run(settings) {
    const running: { stop(): Promise<void> }[] = []
    const masters = new Map<SubjectName, RealRedis>()
    const micros: Record<string, number[]> = {}
    try {
      for (const name of SUBJECTS) {
        const master = await startRedis()
        running.push(master)
        const subject = await startSubject(name, master.port, 'round-trip')
        running.push(subject)
        const replica = await startRedis({ config: { replicaof: `127.0.0.1 ${subject.port}` } })
        running.push(replica)
        await caughtUp(master, replica)
        masters.set(name, master)
      }
      const batches = (settings.quick ? 4 : 8) * settings.rounds
      for (let batch = 0; batch <= batches; batch++) {
        for (const [name, master] of masters) {
          const times = await timeWrites(master)
          // The first batch warms everybody up.
          if (batch > 0) micros[name] = (micros[name] ?? []).concat(times)
        }
      }
    } finally {
      for (const one of running) await one.stop()
    }
    return [medianRow(micros), tailRow(micros)]
  },
}

async function timeWrites(master: RealRedis): Promise<number[]> {
  const times: number[] = []
  for (let i = 0; i < BATCH; i++) {
    const begin = performance.now()
    const [, confirmed] = await master.client.pipeline([
      ['SET', 'key', `value ${i}`],
      ['WAIT', 1, 0],
    ])
    if (confirmed !== 1) throw new Error(`WAIT 1 replied ${String(confirmed)}`)
    times.push((performance.now() - begin) * 1000)
  }
  return times
}

function medianRow(micros: Record<string, number[]>): Row {
  const values = summary(micros, median)
  const { direct = NaN, haproxy = NaN, syncscope = NaN } = values
  return {
    scenario: 'round-trip',
    measure: 'SET, WAIT 1, median',
    unit: 'µs',
    values,
    samples: micros,
    score: { value: (syncscope - direct) / (haproxy - direct), of: '× what haproxy adds' },
    bar: { sense: 'at most', limit: BAR },
  }
}

function tailRow(micros: Record<string, number[]>): Row {
  const values = summary(micros, (all) => percentile(all, 0.99))
  return { scenario: 'round-trip', measure: 'SET, WAIT 1, 99 of 100 within', unit: 'µs', values }
}

function summary(micros: Record<string, number[]>, of: (all: number[]) => number) {
  return Object.fromEntries(Object.entries(micros).map(([name, all]) => [name, of(all)])) as Row['values']
}
