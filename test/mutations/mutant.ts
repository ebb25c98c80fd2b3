/**
 * Mutants: copies of the sources with one fault each, as servers that `diff` can be given.
 *
 *   src ─copy─► DIR/src ─one text replaced─► DIR/serve --port …          an executable like redis-server
 *
 * A copy serves for many faults, one after another, because what is compiled is kept by its path.
 * A mutant that does not even start has not been found by anybody: that is told apart.
 */
import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Row } from '../../src/diff/compare.ts'
import type { Message } from '../../src/diff/message.ts'
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

/** A copy of the sources and the server that is started from it. */
export class Copy {
  readonly #dir = mkdtempSync(join(tmpdir(), 'syncscope-mutant-'))

  constructor() {
    cpSync(join(ROOT, 'src'), join(this.#dir, 'src'), { recursive: true })
    for (const name of BESIDE) symlinkSync(join(ROOT, name), join(this.#dir, name))
    const serve = `exec "${process.execPath}" --import "${TSX}" "${join(this.#dir, 'src/cli/main.ts')}" serve "$@"`
    const version = `[ "$1" = --version ] && echo 'Redis server v=7.0.15' && exit`
    writeFileSync(this.#path, `#!/bin/sh\n${version}\n${serve}\n`)
    chmodSync(this.#path, 0o755)
  }

  get #path(): string {
    return join(this.#dir, 'serve')
  }

  subject(): Promise<Subject> {
    return openSubject('--b', this.#path, [process.execPath], false)
  }

  /** The copy has the fault until `use` is over. */
  async sown<T>(fault: Fault, use: () => Promise<T>): Promise<T> {
    const file = join(this.#dir, 'src/server', fault.file)
    const source = readFileSync(file, 'utf8')
    writeFileSync(file, mutated(source, fault))
    try {
      return await use()
    } finally {
      writeFileSync(file, source)
    }
  }

  remove(): void {
    rmSync(this.#dir, { recursive: true, force: true })
  }
}

/** The scenarios in which a copy without a fault differs from a real server: there should be none. */
export async function differencesWithoutFault(
  real: Subject,
  copy: Copy,
  titles: readonly string[],
  jobs: number,
) {
  const scenarios = [...new Set(titles)].map(scenarioOf)
  const b = await copy.subject()
  const outcomes = await runSuite(scenarios, { a: real, b, clock: systemClock, isStrict: false, jobs })
  return outcomes.flatMap((outcome) => {
    if (outcome.kind === 'equal') return []
    const why = outcome.kind === 'not-applicable' ? outcome.why : shown(outcome.comparison.first)
    return [`${outcome.scenario.name}, ${outcome.scenario.role}: ${why}`]
  })
}

/**
 * Plays the scenario that should notice. What was awaited in vain may have come too late for a busy machine:
 * then it is played once more, and only what is seen again counts.
 */
export async function seek(real: Subject, copy: Copy, fault: Fault): Promise<Finding> {
  const options = { a: real, b: await copy.subject(), clock: systemClock, isStrict: false, jobs: 1 }
  const outcome = await copy.sown(fault, async () => {
    const playIt = () => runSuite([scenarioOf(fault.scenario)], options)
    const [first] = await playIt()
    return first?.kind === 'differs' && first.comparison.rows.some(isInVain) ? (await playIt())[0] : first
  })
  if (outcome?.kind === 'not-applicable') return { fault, kind: 'dead', shows: outcome.why }
  const shows = shown(outcome?.comparison.first)
  if (outcome?.kind !== 'differs') return { fault, kind: 'survived', shows }
  const isDead = outcome.comparison.rows.some(({ b }) => /did not start|does not start/.test(detail(b)))
  return { fault, kind: isDead ? 'dead' : 'found', shows }
}

function detail(message: Message | undefined): string {
  return message?.kind === 'missing' ? String(message.fields.detail) : ''
}

function isInVain({ a, b }: Row): boolean {
  return a?.kind === 'missing' || b?.kind === 'missing'
}

function shown(first: Row | undefined): string {
  if (first === undefined) return ''
  const text = [first.a, first.b].map((one) => (one === undefined ? '(nothing)' : messageText(one)))
  return `step ${first.step + 1}: ${text.map((side) => side.slice(0, TEXT_MAX)).join('  ≠  ')}`
}
