/**
 * `syncscope diff`: plays scenarios with two servers and compares what they say, message by message.
 */

import { writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fromText } from '../bytes/byte-string.ts'
import { globMatcher } from '../bytes/glob.ts'
import { htmlReport } from '../diff/html.ts'
import { randomScenarios } from '../diff/random.ts'
import { reportJson } from '../diff/report.ts'
import type { Role, Scenario } from '../diff/scenario.ts'
import { SCENARIOS } from '../diff/scenarios/index.ts'
import { runSuite } from '../diff/suite.ts'
import { BlockOutput } from '../io/block-output.ts'
import { openSubject, REFERENCE, type Subject } from '../io/subject.ts'
import { systemClock, systemNow, systemRandom } from '../io/system-clock.ts'
import { jsonLine } from '../sink/json-event.ts'
import { palette } from '../sink/palette.ts'
import { UsageError } from '../usage-error.ts'
import type { DiffArguments } from './diff-options.ts'
import { differenceText, kindsText, listText, outcomesText } from './diff-text.ts'
import { untilInterrupted } from './interrupt.ts'
import { isColoured } from './session-options.ts'
import { VERSION } from './version.ts'

const EXIT_DIFFERS = 1
const SEED_MAX = 2 ** 31

/** @returns the exit status: 1 where anything differs @throws UsageError */
export async function runDiff(args: DiffArguments): Promise<number> {
  if (args.sessions !== undefined && args.sessions.length > 0) {
    return await (await import('./diff-sessions.ts')).runDiffSessions(args, args.sessions)
  }
  const seed = args.seed ?? systemRandom.below(SEED_MAX)
  const scenarios = chosen(args, seed)
  const paint = palette(!args.json && isColoured(args.color))
  const output = new BlockOutput()
  const print = (text: string) => output.print(text)
  if (args.list) {
    if (args.json) for (const { name, role, teaches } of scenarios) print(jsonLine({ name, role, teaches }))
    else print(listText(scenarios, paint))
    await output.end()
    return 0
  }
  const started = systemNow()
  const a = await openSubject('--a', args.a, referenceCommand(), args.allowWrites)
  const b = await openSubject('--b', args.b, referenceCommand(), args.allowWrites)
  const names = namesOf(a, b)
  notice(`syncscope ${VERSION}  ${names[0]}: ${a.title}   ${names[1]}: ${b.title}`)
  if (args.random > 0) notice(`random workloads of --seed ${seed}`)
  let isStopped = false
  void untilInterrupted().then(() => {
    isStopped = true
  })
  let done = 0
  try {
    const outcomes = await runSuite(scenarios, {
      a,
      b,
      clock: systemClock,
      isStrict: args.strict,
      jobs: args.jobs ?? availableParallelism() * 2,
      isStopped: () => isStopped || (output.isClosed && args.html === undefined),
      onOutcome: (outcome) => {
        done++
        if (args.json) print(jsonLine(reportJson(outcome)))
        else if (process.stderr.isTTY) process.stderr.write(`\r${done}/${scenarios.length} `)
      },
    })
    const micros = systemNow() - started
    if (args.html !== undefined) {
      const page = htmlReport(outcomes, { names, titles: [a.title, b.title], version: VERSION })
      written(args.html, page)
    }
    if (!args.json) {
      if (process.stderr.isTTY) process.stderr.write('\r')
      print(outcomesText(outcomes, micros, paint))
      for (const outcome of outcomes) {
        const text = differenceText(outcome, names, paint)
        if (text !== undefined) print(`\n${text}`)
      }
      const kinds = kindsText(outcomes, names, paint)
      if (kinds !== undefined) print(`\n${kinds}`)
    }
    await output.end()
    return outcomes.some(({ kind }) => kind === 'differs') ? EXIT_DIFFERS : 0
  } finally {
    await Promise.all([a.close(), b.close()])
  }
}

/** What they are called in the report: a path or an address by what runs there. */
function namesOf(a: Subject, b: Subject): readonly [string, string] {
  const [one, two] = [a, b].map(({ name, title }) => (name === 'real' || name === REFERENCE ? name : title))
  return one === two ? ['a', 'b'] : [one!, two!]
}

/** @throws UsageError where nothing is left to be played */
function chosen({ only, role, random }: DiffArguments, seed: number): Scenario[] {
  if (!Number.isSafeInteger(random) || random < 0) throw new UsageError('--random: a number of workloads')
  const globs = (only ?? '*').split(',').map((glob) => globMatcher(fromText(glob.trim())))
  const all = [...SCENARIOS, ...randomScenarios(random, seed)]
  const wanted = all.filter((scenario) => {
    const isNamed = scenario.name.startsWith('random/') || globs.some((matches) => matches(scenario.name))
    return isNamed && (role === undefined || scenario.role === (role as Role))
  })
  if (wanted.length === 0)
    throw new UsageError(`--only ${only}: no scenario is called so (--list shows them)`)
  return wanted
}

/** This very program, as it was started, is the reference server too. */
function referenceCommand(): [string, ...string[]] {
  return [process.execPath, ...process.execArgv, process.argv[1]!, 'serve']
}

function written(path: string, text: string): void {
  try {
    writeFileSync(path, text)
  } catch (error) {
    throw new UsageError(`--html: cannot write ${path}: ${(error as Error).message}`, { cause: error })
  }
}

function notice(line: string): void {
  process.stderr.write(`${line}\n`)
}
