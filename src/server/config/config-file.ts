/**
 * redis.conf: lines of a name and its words, as a file and the command line give them.
 *
 *   save 3600 1                      name, words
 *   requirepass "two words\n"        quoted as in an inline command
 *   # comment                        nothing
 *   include /etc/redis/more.conf     the lines of another file, here
 *   rename-command flushall ""       takes a command away, or gives it another name
 *   --port 7000 --save "" --appendonly no        the same from the command line
 *
 * A text is one char a byte, as values are. What a line needs of the machine around it (files, the working
 * directory) is done by ConfigHelp.
 *
 * Source: redis 7.0 `src/config.c`, loadServerConfigFromString; `src/server.c`, main.
 */
import { quoted } from '../../bytes/byte-string.ts'
import { splitInline } from '../../codec/resp/inline.ts'
import { REDIS_VERSION } from '../persistence/snapshot-facts.ts'
import { BadValue } from './kinds.ts'
import { parameterOf, type Settings } from './settings.ts'

/** Parameters of which several lines add up. */
const ADDS_UP: ReadonlySet<string> = new Set(['save', 'client-output-buffer-limit'])
/** Lines that were parameters once, and are read over. */
const GONE: ReadonlySet<string> = new Set([
  'list-max-ziplist-entries',
  'list-max-ziplist-value',
  'lua-replicate-commands',
])
/** A file that includes itself would never end. */
const DEPTH_MAX = 20

export type ConfigLine = {
  readonly words: readonly string[]
  readonly text: string
  readonly number: number
}

export type ConfigHelp = {
  /** The texts of the files that a pattern names. @throws Error */
  include(pattern: string): readonly string[]
  /** Takes a working directory. @returns what is wrong with it, if anything */
  enter(dir: string): string | undefined
  /** Gives a command another name, or none. @returns what is wrong, if anything */
  rename(command: string, name: string): string | undefined
}

/** A configuration that is refused, in the lines that redis-server prints. */
export class BadConfiguration extends Error {
  constructor(why: string, line?: { readonly number: number; readonly text: string }) {
    const where =
      line === undefined ? '' : `Reading the configuration file, at line ${line.number}\n>>> '${line.text}'\n`
    super(`\n*** FATAL CONFIG FILE ERROR (Redis ${REDIS_VERSION}) ***\n${where}${why}`)
  }
}

/** The lines of a file that say something. @throws BadConfiguration for unbalanced quotes */
export function configLines(source: string): ConfigLine[] {
  return source.split('\n').flatMap((line, i) => {
    const text = line.trim()
    if (text === '' || text.startsWith('#')) return []
    const words = splitInline(text)
    const place = { text, number: i + 1 }
    if (words === undefined) throw new BadConfiguration('Unbalanced quotes in configuration line', place)
    return [{ words, ...place }]
  })
}

/**
 * The text that arguments stand for, behind that of the file: a line for each `--name`, its values quoted.
 *
 *   --port 7000 → port "7000"        '--port 7000' → port 7000         --port --x → port "--x"
 *   --save → save ""                 (words in front of the first name are a line too)
 */
export function argumentText(argv: readonly string[]): string {
  let text = ''
  let isName = true
  for (const [i, word] of argv.entries()) {
    if (!isName || !word.startsWith('--')) {
      text += `${quoted(word)} `
      isName = true
      continue
    }
    text += `${text === '' ? '' : '\n'}${word.slice(2)} `
    const isBareSave = word.toLowerCase() === '--save' && (argv[i + 1] ?? '--').startsWith('--')
    if (isBareSave) text += '""'
    // What comes behind a bare name is its value, even if it begins with dashes.
    isName = isBareSave || splitInline(word)?.length !== 1
  }
  return text
}

/** Applies lines in order. @throws BadConfiguration naming the line */
export function applyLines(settings: Settings, lines: readonly ConfigLine[], help: ConfigHelp): void {
  new Application(settings, help).take(lines, 0)
}

class Application {
  readonly #settings: Settings
  readonly #help: ConfigHelp
  /** Parameters that had a line. */
  readonly #seen = new Set<string>()

  constructor(settings: Settings, help: ConfigHelp) {
    this.#settings = settings
    this.#help = help
  }

  take(lines: readonly ConfigLine[], depth: number): void {
    for (const line of lines) {
      const problem = this.#takeOne(line, depth)
      if (problem !== undefined) throw new BadConfiguration(problem, line)
    }
  }

  /** @returns what is wrong with the line, if anything */
  #takeOne({ words }: ConfigLine, depth: number): string | undefined {
    const [first, ...values] = words as [string, ...string[]]
    const name = first.toLowerCase()
    const parameter = parameterOf(name)
    if (parameter !== undefined) {
      if (values.length !== 1 && parameter.isList !== true) return 'wrong number of arguments'
      return this.#set(parameter.name, values)
    }
    if (GONE.has(name) && values.length === 1) return undefined
    if (name === 'include' && values.length === 1) return this.#include(values[0]!, depth)
    if (name === 'rename-command' && values.length === 2) return this.#help.rename(values[0]!, values[1]!)
    if ((name === 'loadmodule' || name === 'user') && values.length > 0)
      return `${name} is not supported by this server`
    return 'Bad directive or wrong number of arguments'
  }

  #set(name: string, values: readonly string[]): string | undefined {
    const settings = this.#settings
    let value = values.join(' ')
    if (ADDS_UP.has(name) && this.#seen.has(name) && (value !== '' || values.length === 0)) {
      value = `${settings.get<string>(name)} ${value}`.trim()
    }
    this.#seen.add(name)
    try {
      settings.read(name, value)
    } catch (error) {
      if (!(error instanceof BadValue)) throw error
      return error.why
    }
    return name === 'dir' ? this.#help.enter(value) : undefined
  }

  #include(pattern: string, depth: number): string | undefined {
    if (depth === DEPTH_MAX) return 'files include each other without end'
    let texts: readonly string[]
    try {
      texts = this.#help.include(pattern)
    } catch (error) {
      return `can't open config file '${pattern}': ${(error as Error).message}`
    }
    for (const text of texts) this.take(configLines(text), depth + 1)
    return undefined
  }
}
