/**
 * A fresh replica takes a million mixed keys through each subject.
 *
 *   REPLICAOF ──► snapshot received ──► loaded, link up, offsets equal
 *   |---- transfer ----|                                  |
 *   |-------------------- ready ---------------------------|
 *
 * Diskless on the master's side, as a socket is the faster source. The bar is on `ready`; `transfer`, the part
 * in which bytes pass the subject, is shown because loading the snapshot takes the same time for all.
 */
import { caughtUp, type RealRedis, startRedis, waitFor } from '../src/io/redis-process.ts'
import { fill } from './dataset.ts'
import { inRounds, type Row, Samples, type Scenario } from './scenario.ts'
import { type SubjectName, startSubject } from './subjects.ts'

const BAR = 1.1
const TIMEOUT_MS = 180_000

export const fullSync: Scenario = {
  name: 'full-sync',
  async run(settings) {
    const keys = settings.quick ? 100_000 : 1_000_000
    const ready = new Samples()
    const transfer = new Samples()
    await using master = await startRedis({
      config: { 'repl-diskless-sync': 'yes', 'client-output-buffer-limit': 'replica 0 0 0' },
    })
    settings.note(`writing ${keys} keys`)
    await fill(master.client, keys)
    await inRounds(settings, async (name) => {
      const times = await syncThrough(name, master)
      settings.note(`${name}: transfer ${times.transfer.toFixed(2)} s, ready ${times.ready.toFixed(2)} s`)
      ready.add(name, times.ready)
      transfer.add(name, times.transfer)
    })
    const size = `${keys.toLocaleString('en-US')} keys`
    return [row(`${size}, ready`, ready, true), row(`${size}, transfer`, transfer, false)]
  },
}

async function syncThrough(
  name: SubjectName,
  master: RealRedis,
): Promise<{ transfer: number; ready: number }> {
  const subject = await startSubject(name, master.port, 'full-sync')
  try {
    await using replica = await startRedis({ config: { 'repl-diskless-load': 'disabled' } })
    const begin = performance.now()
    await replica.client.command('REPLICAOF', '127.0.0.1', subject.port)
    await waitFor(
      async () => {
        const { loading } = await replica.info('persistence')
        const { master_link_status } = await replica.info('replication')
        return loading === '1' || master_link_status === 'up'
      },
      { what: 'the snapshot to arrive', timeoutMs: TIMEOUT_MS },
    )
    const transfer = performance.now() - begin
    await caughtUp(master, replica, TIMEOUT_MS)
    const ready = performance.now() - begin
    const [there, here] = [await replica.client.command('DBSIZE'), await master.client.command('DBSIZE')]
    if (there !== here) throw new Error(`through ${name} ${there} of ${here} keys arrived`)
    return { transfer: transfer / 1000, ready: ready / 1000 }
  } finally {
    await subject.stop()
  }
}

function row(measure: string, samples: Samples, barred: boolean): Row {
  const [name, ratio] = ratioToFaster(samples)
  return {
    scenario: 'full-sync',
    measure,
    unit: 's',
    values: samples.medians(),
    samples: samples.bySubject,
    score: { value: ratio, of: `× ${name}` },
    ...(barred ? { bar: { sense: 'at most', limit: BAR } } : {}),
  }
}

/** Against the better of the two, whichever that is here: the larger ratio. */
function ratioToFaster(samples: Samples): [SubjectName, number] {
  const ratios = (['haproxy', 'socat'] as const).map((name) => [name, samples.ratioTo(name)] as const)
  return ratios.toSorted((a, b) => b[1] - a[1])[0] as [SubjectName, number]
}
