/**
 * The configuration of `syncscope serve`: out of a file, standard input (where the last argument is `-`) and
 * the other arguments, in this order, with the files they include; and back into the file (CONFIG REWRITE).
 */
import { resolve } from 'node:path'
import { fromText, pathText } from '../bytes/byte-string.ts'
import { readConfig, readMatching, replaceConfig } from '../io/config-files.ts'
import { systemWords } from '../io/system-words.ts'
import type { CommandTable } from '../server/command-spec.ts'
import {
  applyLines,
  argumentText,
  BadConfiguration,
  type ConfigHelp,
  configLines,
} from '../server/config/config-file.ts'
import { rewritten } from '../server/config/config-rewrite.ts'
import { Settings } from '../server/config/settings.ts'
import type { ConfigFile } from '../server/server-state.ts'

export type Configuration = {
  readonly settings: Settings
  /** Commands under the names that the configuration gave them. */
  readonly table: CommandTable
  /** The file it came from. */
  readonly file: ConfigFile | undefined
  /** Nothing was configured. */
  readonly isDefault: boolean
}

/** @throws BadConfiguration */
export function configuration(argv: readonly string[], table: CommandTable): Configuration {
  const named = argv[0]?.startsWith('-') === false ? argv[0] : undefined
  const settings = new Settings()
  const path = named === undefined ? undefined : resolve(named)
  const isPiped = argv.at(-1) === '-'
  const text = (path === undefined ? '' : textOf(path)) + (isPiped ? textOf(0) : '')
  const rest = argv.slice(named === undefined ? 0 : 1, isPiped ? -1 : undefined)
  const lines = configLines(`${text}\n${argumentText(rest.map(fromText))}`)
  applyLines(settings, lines, helpWith(table))
  settings.read('dir', fromText(process.cwd()))
  const file = path === undefined ? undefined : configFile(path)
  return { settings, table, file, isDefault: argv.length === 0 }
}

/** @throws BadConfiguration */
function textOf(path: string | number): string {
  try {
    return readConfig(path)
  } catch (error) {
    throw new BadConfiguration(`Fatal error, can't open config file '${path}': ${systemWords(error)}`)
  }
}

function helpWith(table: CommandTable): ConfigHelp {
  return {
    include: (pattern) => readMatching(pathText(pattern)),
    enter: (dir) => enterDirectory(pathText(dir)),
    rename: (command, name) => table.rename(command, name),
  }
}

/** Takes a working directory. @returns what is wrong with it, if anything */
export function enterDirectory(path: string): string | undefined {
  try {
    process.chdir(path)
    return undefined
  } catch (error) {
    return systemWords(error)
  }
}

function configFile(path: string): ConfigFile {
  return {
    path,
    rewrite: (settings, tellsAll) => {
      try {
        replaceConfig(path, rewritten(readConfig(path), settings, tellsAll))
        return undefined
      } catch (error) {
        return systemWords(error)
      }
    },
  }
}
