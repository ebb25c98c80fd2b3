/**
 * A million keys from master to replica, with the reference on either side beside the same with redis-server.
 *
 *   as master    the same real replica, from redis-server and from the reference · PINGs meanwhile
 *   as replica   the same real master, into redis-server and into the reference
 *
 * Ready: the link is up, and the replica has all keys. Diskless on the master's side, without delay.
 */
import { waitFor } from '../../src/io/redis-process.ts'
import { fill } from '../dataset.ts'
import { inRoundsOf, median, type Row, type Scenario, type Settings } from '../scenario.ts'
import { pingsUntil, waitRows } from './pings.ts'
import { SERVERS, type Server, type ServerName, start } from './servers.ts'

const BAR = 3
const TIMEOUT_MS = 300_000
const CONFIG = [...['--repl-diskless-sync-delay', '0'], ...['--client-output-buffer-limit', 'replica 0 0 0']]

type Times = Map<ServerName, number[]>

export const syncs: Scenario = {
  name: 'syncs',
  async run(settings) {
    const keys = settings.quick ? 100_000 : 1_000_000
    const size = `${keys.toLocaleString('en-US')} keys`
    const [asMaster, asReplica, waits] = [emptyTimes(), emptyTimes(), emptyTimes()]
    const masters = new Map<ServerName, Server>()
    try {
      for (const name of SERVERS) {
        const master = await start(name, CONFIG)
        masters.set(name, master)
        settings.note(`writing ${size} into ${name}`)
        await fill(master.client, keys)
      }
      await inRoundsOf(settings, SERVERS, async (name) => {
        const master = masters.get(name)!
        const pings: number[] = []
        asMaster.get(name)!.push(await synced(settings, master, 'redis-server', pings))
        waits.get(name)!.push(...pings)
        asReplica.get(name)!.push(await synced(settings, masters.get('redis-server')!, name))
      })
    } finally {
      for (const master of masters.values()) await master.stop()
    }
    return [
      syncRow(`${size} from the reference into redis-server`, asMaster),
      syncRow(`${size} from redis-server into the reference`, asReplica),
      ...waitRows('syncs', `a replica of ${size} syncs`, waits),
    ]
  },
}

function emptyTimes(): Times {
  return new Map(SERVERS.map((name) => [name, []]))
}

/** Seconds from REPLICAOF until the replica has everything. @param pings gets the master's answers' times */
async function synced(
  settings: Settings,
  master: Server,
  replicaName: ServerName,
  pings?: number[],
): Promise<number> {
  const replica = await start(replicaName, CONFIG)
  try {
    const begin = performance.now()
    const ready = becomesReady(master, replica)
    if (pings === undefined) await ready
    else pings.push(...(await pingsUntil(ready, master)))
    const seconds = (performance.now() - begin) / 1000
    settings.note(`${master.name} into ${replicaName}: ${seconds.toFixed(2)} s`)
    return seconds
  } finally {
    await replica.stop()
  }
}

async function becomesReady(master: Server, replica: Server): Promise<void> {
  await replica.client.command('REPLICAOF', '127.0.0.1', master.port)
  await waitFor(
    async () => String(await replica.client.command('INFO', 'replication')).includes('master_link_status:up'),
    { what: 'the replica to be ready', timeoutMs: TIMEOUT_MS },
  )
  const [here, there] = await Promise.all([master, replica].map(({ client }) => client.command('DBSIZE')))
  if (here !== there) throw new Error(`${there} of ${here} keys arrived`)
}

function syncRow(measure: string, times: Times): Row {
  const [theirs, ours] = [times.get('redis-server')!, times.get('syncscope')!]
  return {
    scenario: 'syncs',
    measure: `${measure} (redis-server ${median(theirs).toFixed(2)})`,
    unit: 's',
    values: { syncscope: median(ours) },
    score: { value: median(ours.map((value, i) => value / theirs[i]!)), of: '× redis-server' },
    bar: { sense: 'at most', limit: BAR },
  }
}
