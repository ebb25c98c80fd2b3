/**
 * `syncscope decode` beside the other tools that read RESP out of a capture: the same file, one after the other in each round.
 *
 *   capture of a full sync of real snapshot bytes, then a busy stream, in packets of 1,448 bytes
 *     ──► tcpdump -r -T resp            prints what it takes for RESP, packet by packet
 *     ──► tshark -r                     dissects RESP; stopped when it takes too long, and then counted with that
 *     ──► syncscope decode --quiet      all decoded, totals only
 *     ──► syncscope decode --json       every event, to nowhere
 */
import { captureFile } from './capture-file.ts'
import { mixedFile } from './rdb/files.ts'
import { type Run, run, syncscope } from './run.ts'
import { median, type Row, type Scenario } from './scenario.ts'
import { executable } from './subjects.ts'

const MEMORY_MB = 200
const LIMITS = { quiet: 0.25, json: 1 } as const
type Mode = keyof typeof LIMITS

export const captures: Scenario = {
  name: 'captures',
  async run({ quick, rounds, note }) {
    const keys = quick ? 100_000 : 1_400_000
    const path = await captureFile(await mixedFile(keys, note), quick ? 20 : 200, note)
    // On this file tshark takes some ten minutes; a minute is enough to say that it takes longer than that.
    const others = tools(quick ? 20 : 60)
    const theirs = new Map<string, Run[]>(others.map(({ name }) => [name, []]))
    const ours: Record<Mode, Run[]> = { quiet: [], json: [] }
    for (let round = 0; round < rounds; round++) {
      for (const { name, measure } of others) theirs.get(name)!.push(await measure(path))
      for (const mode of Object.keys(ours) as Mode[])
        ours[mode].push(await syncscope('decode', `--${mode}`, path))
      const times = [...theirs, ...Object.entries(ours)].map(
        ([name, runs]) => `${name} ${text(runs.at(-1)!)}`,
      )
      note(times.join(', '))
    }
    return (Object.keys(ours) as Mode[]).flatMap((mode) => rows(mode, ours[mode], theirs, quick))
  },
}

function tools(limitSeconds: number): { name: string; measure(path: string): Promise<Run> }[] {
  return ['tcpdump', 'tshark'].map((name) => {
    const program = executable(name)
    if (program === undefined) throw new Error(`captures needs ${name}: apt-get install ${name}`)
    const options = name === 'tcpdump' ? ['-n', '-T', 'resp'] : ['-n', '-d', 'tcp.port==6379,resp']
    return { name, measure: (path) => run(program, [...options, '-r', path], limitSeconds) }
  })
}

function rows(
  mode: Mode,
  own: readonly Run[],
  theirs: ReadonlyMap<string, readonly Run[]>,
  quick: boolean,
): Row[] {
  const seconds = own.map((one) => one.seconds)
  const speed = [...theirs].map(([name, runs]): Row => {
    const ratios = seconds.map((time, round) => time / runs[round]!.seconds)
    const took = `${runs.every((one) => one.isWhole) ? '' : 'more than '}${median(runs.map((one) => one.seconds)).toFixed(1)} s`
    return {
      scenario: 'captures',
      measure: `decode --${mode} (${name} ${took})`,
      unit: 's',
      values: { syncscope: median(seconds) },
      samples: { syncscope: seconds },
      score: { value: median(ratios), of: `× ${name}` },
      // Of a small file, the start of the process is what is measured.
      ...(quick ? {} : { bar: { sense: 'at most', limit: LIMITS[mode] } as const }),
    }
  })
  const peak = Math.max(...own.map((one) => one.peakBytes)) / 1e6
  const memory: Row = {
    scenario: 'captures',
    measure: `peak resident, decode --${mode}`,
    unit: 'MB',
    values: { syncscope: peak },
    score: { value: peak, of: 'MB' },
    bar: { sense: 'at most', limit: MEMORY_MB, unit: 'MB' },
  }
  return [...speed, memory]
}

function text({ seconds, isWhole }: Run): string {
  return `${isWhole ? '' : '> '}${seconds.toFixed(2)} s`
}
