/**
 * Mutants: copies of the sources with one fault each, as servers that `diff` can be given.
 *
 *   src ─copy─► DIR/src ─one text replaced─► DIR/serve --port …          an executable like redis-server
 *
 * A mutant that does not even start has not been found by anybody: that is told apart.
 */
import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Row } from '../../src/diff/compare.ts'
import { messageText } from '../../src/diff/message-text.ts'
import type { Scenario } from '../../src/diff/scenario.ts'
import { SCENARIOS } from '../../src/diff/scenarios/index.ts'
import { runSuite } from '../../src/diff/suite.ts'
import { openSubject, type Subject } from '../../src/io/subject.ts'
import { systemClock } from '../../src/io/system-clock.ts'
import type { Fault } from './faults.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const TSX = fileURLToPath(import.meta.resolve('tsx'))
/** What the sources need around them. */
const BESIDE = ['node_modules', 'package.json', 'tsconfig.json']
const TEXT_MAX = 120

export type Finding = {
  readonly fault: Fault
  /** `survived`: nobody noticed; `dead`: it does not start. */
  readonly kind: 'found' | 'survived' | 'dead'
  /** The first difference, on a line. */
  readonly shows: string
}

/** The scenario `name, role`. @throws Error where there is none */
export function scenarioOf(title: string): Scenario {
  const found = SCENARIOS.find(({ name, role }) => `${name}, ${role}` === title)
  if (found === undefined) throw new Error(`no scenario "${title}"`)
  return found
}

/** The text of a file with the fault in it. @throws Error unless its text stands there once */
export function mutated(source: string, { name, file, text, replacement }: Fault): string {
  const places = source.split(text).length - 1
  if (places !== 1) throw new Error(`fault "${name}": its text stands ${places} times in ${file}`)
  return source.replace(text, () => replacement)
}

/** A server made of a copy of the sources, with the fault in them if there is one; gone after `use`. */
export async function withCopy<T>(
  fault: Fault | undefined,
  use: (subject: Subject) => Promise<T>,
): Promise<T> {
  const dir = mkdtempSync(join(tmpdir(), 'syncscope-mutant-'))
  try {
    cpSync(join(ROOT, 'src'), join(dir, 'src'), { recursive: true })
    for (const name of BESIDE) symlinkSync(join(ROOT, name), join(dir, name))
    if (fault !== undefined) {
      const file = join(dir, 'src/server', fault.file)
      writeFileSync(file, mutated(readFileSync(file, 'utf8'), fault))
    }
    return await use(await openSubject('--b', executable(dir), [process.execPath], false))
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

function executable(dir: string): string {
  const path = join(dir, 'serve')
  const serve = `exec "${process.execPath}" --import "${TSX}" "${join(dir, 'src/cli/main.ts')}" serve "$@"`
  const version = `[ "$1" = --version ] && echo 'Redis server v=7.0.15' && exit`
  writeFileSync(path, `#!/bin/sh\n${version}\n${serve}\n`)
  chmodSync(path, 0o755)
  return path
}

/** The scenarios in which a copy without a fault differs from a real server: there should be none. */
export async function differencesWithoutFault(real: Subject, titles: readonly string[], jobs: number) {
  const scenarios = [...new Set(titles)].map(scenarioOf)
  const options = { a: real, clock: systemClock, isStrict: false, jobs }
  const outcomes = await withCopy(undefined, (b) => runSuite(scenarios, { ...options, b }))
  return outcomes.flatMap((outcome) => {
    if (outcome.kind === 'equal') return []
    const why = outcome.kind === 'not-applicable' ? outcome.why : shown(outcome.comparison.first)
    return [`${outcome.scenario.name}, ${outcome.scenario.role}: ${why}`]
  })
}

/** Plays the scenario that should notice. */
export async function seek(real: Subject, fault: Fault): Promise<Finding> {
  const options = { a: real, clock: systemClock, isStrict: false, jobs: 1 }
  const [outcome] = await withCopy(fault, (b) => runSuite([scenarioOf(fault.scenario)], { ...options, b }))
  if (outcome?.kind === 'not-applicable') return { fault, kind: 'dead', shows: outcome.why }
  const shows = shown(outcome?.comparison.first)
  if (outcome?.kind !== 'differs') return { fault, kind: 'survived', shows }
  const { b } = outcome.comparison.first!
  const isDead = b?.kind === 'missing' && /does not start|did not start/.test(String(b.fields.detail))
  return { fault, kind: isDead ? 'dead' : 'found', shows }
}

function shown(first: Row | undefined): string {
  if (first === undefined) return ''
  const text = [first.a, first.b].map((one) => (one === undefined ? '(nothing)' : messageText(one)))
  return `step ${first.step + 1}: ${text.map((side) => side.slice(0, TEXT_MAX)).join('  ≠  ')}`
}
