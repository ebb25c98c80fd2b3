/**
 * `syncscope rdb` beside redis-check-rdb on the same file, and what it needs of memory for the largest of keys.
 *
 *   mixed.rdb ──► redis-check-rdb              walks and checksums, prints nothing of value
 *             ──► rdb check · stats · json     the whole process, its start included; output to /dev/null
 *
 * Each round runs all of them one after the other, and what is compared is compared within a round.
 */
import { mixedFile, monsterFile } from './rdb/files.ts'
import { type Run, run, syncscope } from './run.ts'
import { median, type Row, type Scenario, type Settings } from './scenario.ts'
import { executable } from './subjects.ts'

const VERBS = { check: 0.6, stats: 0.6, json: 2.0 } as const
type Verb = keyof typeof VERBS
const MEMORY_MB = 150
const GB = 2 ** 30

export const rdb: Scenario = {
  name: 'rdb',
  async run(settings) {
    const keys = settings.quick ? 100_000 : 1_400_000
    const path = await mixedFile(keys, settings.note)
    const speed = await compare(path, keys, settings)
    const memory = await monsters(settings)
    return [...speed, ...memory]
  },
}

async function compare(path: string, keys: number, { quick, rounds, note }: Settings): Promise<Row[]> {
  const checker = executable('redis-check-rdb')
  const theirs: number[] = []
  const ours: Record<Verb, Run[]> = { check: [], stats: [], json: [] }
  for (let round = 0; round < rounds; round++) {
    if (checker !== undefined) theirs.push((await run(checker, [path])).seconds)
    for (const verb of Object.keys(VERBS) as Verb[]) ours[verb].push(await syncscope('rdb', verb, path))
    const times = Object.entries(ours).map(([verb, runs]) => `${verb} ${runs.at(-1)?.seconds.toFixed(2)} s`)
    note(`redis-check-rdb ${theirs.at(-1)?.toFixed(2)} s, ${times.join(', ')}`)
  }
  return (Object.keys(VERBS) as Verb[]).flatMap((verb) => {
    const seconds = ours[verb].map((run) => run.seconds)
    const of = `${verb} of ${keys.toLocaleString('en-US')} keys`
    const speed: Row = {
      scenario: 'rdb',
      measure: `${of} (redis-check-rdb ${median(theirs).toFixed(2)} s)`,
      unit: 's',
      values: { syncscope: median(seconds) },
      samples: { syncscope: seconds },
      score: { value: median(seconds.map((own, i) => own / (theirs[i] ?? NaN))), of: '× redis-check-rdb' },
      // Of a small file, the start of the process is what is measured.
      ...(quick ? {} : { bar: { sense: 'at most', limit: VERBS[verb] } as const }),
    }
    return [speed, memoryRow(of, ours[verb])]
  })
}

async function monsters({ quick, note }: Settings): Promise<Row[]> {
  const [bytes, members] = quick ? [GB / 8, 500_000] : [2 * GB, 10_000_000]
  const path = await monsterFile(bytes, members, note)
  const rows: Row[] = []
  for (const verb of Object.keys(VERBS) as Verb[]) {
    const run = await syncscope('rdb', verb, path)
    note(`${verb} of monsters ${run.seconds.toFixed(1)} s, ${(run.peakBytes / 1e6).toFixed(0)} MB`)
    rows.push(memoryRow(`${verb} of a ${bytes / GB} GB string, ${members / 1e6} M members`, [run]))
  }
  return rows
}

function memoryRow(measure: string, runs: readonly Run[]): Row {
  const peak = Math.max(...runs.map((run) => run.peakBytes)) / 1e6
  return {
    scenario: 'rdb',
    measure: `peak resident, ${measure}`,
    unit: 'MB',
    values: { syncscope: peak },
    score: { value: peak, of: 'MB' },
    bar: { sense: 'at most', limit: MEMORY_MB, unit: 'MB' },
  }
}
