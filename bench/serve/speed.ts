/**
 * redis-benchmark with 50 clients, one command after the other on each server in turn.
 *
 *   LPUSH comes before RPOP, which takes away what it has pushed: as many of each
 */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { median, type Row, type Settings } from '../scenario.ts'
import { executable } from '../subjects.ts'
import { inTurn, type Server, type ServerName, withServers } from './servers.ts'

const COMMANDS = ['ping_mbulk', 'set', 'get', 'incr', 'lpush', 'rpop', 'sadd', 'hset', 'zadd'] as const
const LOADS = [
  { pipeline: 1, requests: 100_000, bar: 1 },
  { pipeline: 16, requests: 1_000_000, bar: 0.6 },
] as const
type Load = (typeof LOADS)[number]
/** With --quick, so many times fewer. */
const QUICK = 10

export async function speedRows(settings: Settings): Promise<Row[]> {
  return await withServers(async (servers) => {
    const rows: Row[] = []
    for (const load of LOADS) rows.push(...(await underLoad(servers, load, settings)))
    return rows
  })
}

async function underLoad(servers: readonly Server[], load: Load, settings: Settings): Promise<Row[]> {
  const rates = new Map(COMMANDS.map((command) => [command, { 'redis-server': [], syncscope: [] } as Rates]))
  const requests = settings.quick ? load.requests / QUICK : load.requests
  for (let round = 0; round < settings.rounds; round++) {
    for (const command of COMMANDS) {
      const own = rates.get(command)!
      for (const { name, port } of inTurn(servers, round)) {
        own[name].push(await redisBenchmark(port, command, load.pipeline, requests))
      }
      const told = Object.entries(own).map(([name, all]) => `${name} ${Math.round(all.at(-1)!)}`)
      settings.note(`${command} -P ${load.pipeline}: ${told.join(', ')} requests/s`)
    }
    for (const { client } of servers) await client.command('FLUSHALL')
  }
  return COMMANDS.map((command) => row(command, load, rates.get(command)!, settings.quick))
}

type Rates = Record<ServerName, number[]>

async function redisBenchmark(
  port: number,
  command: string,
  pipeline: number,
  requests: number,
): Promise<number> {
  const args = ['-p', port, '-c', 50, '-t', command, '-P', pipeline, '-n', requests, '--csv'].map(String)
  const { stdout } = await promisify(execFile)(executable('redis-benchmark') as string, args)
  const perSecond = Number(/^"[A-Z_]+","([\d.]+)"/m.exec(stdout)?.[1])
  if (!(perSecond > 0)) throw new Error(`redis-benchmark said nothing about ${command}: ${stdout}`)
  return perSecond
}

function row(command: string, { pipeline, bar }: Load, rates: Rates, isQuick: boolean): Row {
  const ratios = rates.syncscope.map((own, round) => own / rates['redis-server'][round]!)
  const theirs = Math.round(median(rates['redis-server'])).toLocaleString('en-US')
  const name = command.replace(/_.*/, '').toUpperCase()
  return {
    scenario: 'serve',
    measure: `${name}${pipeline === 1 ? '' : ` -P ${pipeline}`} (redis-server ${theirs})`,
    unit: 'requests/s',
    values: { syncscope: median(rates.syncscope) },
    samples: { syncscope: rates.syncscope },
    score: { value: median(ratios), of: '× redis-server' },
    // In a short run, compiling is what is measured.
    ...(isQuick ? {} : { bar: { sense: 'at least', limit: bar } as const }),
  }
}
