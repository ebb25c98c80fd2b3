/**
 * What CONFIG SET asks of the process: another working directory, to listen elsewhere, another title.
 *
 * Source: redis 7.0 `src/config.c`, setConfigDirOption, updatePort, applyBind, updateProcTitleTemplate.
 */
import { fromText, pathText } from '../bytes/byte-string.ts'
import type { ServerLog } from '../io/server-log.ts'
import type { Settings } from '../server/config/settings.ts'
import type { BadChange } from '../server/server-state.ts'
import { enterDirectory } from './serve-configuration.ts'
import { type Listeners, processTitle } from './serve-listening.ts'

const IN_VAIN: Readonly<Record<string, string>> = {
  port: 'Unable to listen on this port. Check server logs.',
  bind: 'Failed to bind to specified addresses.',
}

type Process = {
  readonly settings: Settings
  /** The configuration's file. */
  readonly path: string | undefined
  readonly listeners: Listeners
  readonly log: ServerLog
}

/** @see Surroundings.reconfigure */
export function reconfigure(
  { settings, path, listeners, log }: Process,
  names: readonly string[],
  done: (bad?: BadChange) => void,
): void {
  if (names.includes('dir')) {
    const why = enterDirectory(pathText(settings.get('dir')))
    if (why !== undefined) {
      done({ name: 'dir', why })
      return
    }
    settings.read('dir', fromText(process.cwd()))
  }
  const name = names.find((one) => Object.hasOwn(IN_VAIN, one))
  if (name === undefined) {
    if (names.includes('proc-title-template')) entitle(settings, path)
    done()
    return
  }
  listeners.move().then((problems) => {
    for (const problem of problems) log.write('warning', problem)
    entitle(settings, path)
    done(problems.length === 0 ? undefined : { name, why: IN_VAIN[name]! })
  })
}

/** Gives the process its title. */
export function entitle(settings: Settings, path: string | undefined): void {
  if (settings.get('set-proc-title')) process.title = processTitle(settings, path)
}
