/**
 * npm run bench [-- NAME… --quick --rounds N]: what syncscope costs, beside haproxy, socat and a direct link;
 * and its reference server beside redis-server.
 *
 * Everything is measured side by side in one run; medians are compared, never times of different days.
 * Prints one table, keeps it in .bench/latest.md and with all samples in .bench/latest.json.
 * Exit status: 0 every bar is met; 1 one is not; 2 something to measure with is missing.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, release } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { captures } from './captures.ts'
import { fullSync } from './full-sync.ts'
import { memoryRows } from './memory.ts'
import { opaque } from './opaque.ts'
import { rdb } from './rdb.ts'
import { roundTrip } from './round-trip.ts'
import { isMet, type Row, type Scenario } from './scenario.ts'
import { syncs } from './serve/syncs.ts'
import { serve } from './serve.ts'
import { stream } from './stream.ts'
import { missingTools } from './subjects.ts'
import { table } from './table.ts'

/** With more than this to do beforehand, a machine of two cores measures something else. */
const BUSY = 0.7

const SCENARIOS: readonly Scenario[] = [fullSync, stream, opaque, roundTrip, rdb, captures, serve, syncs]

function fail(line: string): never {
  process.stderr.write(`bench: ${line}\n`)
  process.exit(2)
}

function requireTools(): void {
  const { tools, packages } = missingTools()
  if (tools.length > 0) fail(`needs ${tools.join(', ')}: apt-get install ${packages.join(' ')}`)
}

/** Builds unless dist is newer than every source: measuring yesterday's code helps nobody. */
function build(): void {
  const sources = readdirSync('src', { recursive: true, encoding: 'utf8' }).map((name) => join('src', name))
  const newest = Math.max(...sources.map((file) => statSync(file).mtimeMs))
  const built = statSync('dist/cli/main.js', { throwIfNoEntry: false })?.mtimeMs ?? 0
  if (built > newest) return
  const { status } = spawnSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' })
  if (status !== 0) fail('the build failed')
}

function chosen(names: readonly string[]): readonly Scenario[] {
  const unknown = names.filter((name) => !SCENARIOS.some((scenario) => scenario.name === name))
  const known = SCENARIOS.map((scenario) => scenario.name).join(', ')
  if (unknown.length > 0) fail(`no scenario ${unknown.join(', ')}; there are ${known}`)
  return names.length === 0 ? SCENARIOS : SCENARIOS.filter((scenario) => names.includes(scenario.name))
}

function keep(rows: readonly Row[], about: string): void {
  mkdirSync('.bench', { recursive: true })
  writeFileSync('.bench/latest.md', `${table(rows)}\n${about}\n`)
  writeFileSync('.bench/latest.json', JSON.stringify({ about, rows }, undefined, 1) + '\n')
}

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false }, rounds: { type: 'string' } },
})
const quick = options.quick
const rounds = Number(options.rounds ?? (quick ? 1 : 5))
const scenarios = chosen(positionals)
requireTools()
if (process.env.SYNCSCOPE_BIN === undefined) build()
// Servers are swept away by an exit handler, and a signal alone would not run it.
process.once('SIGINT', () => process.exit(130)).once('SIGTERM', () => process.exit(143))

const [load = 0] = loadavg()
const rows: Row[] = []
for (const scenario of scenarios) {
  const note = (line: string) => process.stderr.write(`${scenario.name}: ${line}\n`)
  rows.push(...(await scenario.run({ quick, rounds, note })))
}
rows.push(...memoryRows())
const [cpu] = cpus()
const about =
  `Node ${process.versions.node}, Linux ${release()}, ${cpus().length} × ${cpu?.model.trim()}; ` +
  `medians of ${rounds} rounds${quick ? ' at --quick sizes, not to be quoted' : ' (stream: three times as many)'}, ratios compared within a round; ` +
  `load before the run ${load.toFixed(1)}${load > BUSY ? ' (BUSY: not to be quoted)' : ''}.`
keep(rows, about)
process.stdout.write(`\n${table(rows)}\n${about}\n`)
process.exit(rows.every(isMet) ? 0 : 1)
