/**
 * Shutdown: what is done before the process ends, by SHUTDOWN or a signal: the last snapshot.
 *
 * Source: redis 7.0 `src/server.c`, prepareForShutdown and finishShutdown.
 */
import type { ServerState } from './server-state.ts'

export type ShutdownOptions = {
  /** Undefined: if there are save points. */
  readonly save: boolean | undefined
  /** It ends even where it could not be saved. */
  readonly force?: boolean
}

/** @returns false where it could not be saved and the server must go on */
export function prepareShutdown(server: ServerState, { save, force = false }: ShutdownOptions): boolean {
  const { saver, settings, surroundings } = server
  surroundings.log('warning', 'User requested shutdown...')
  saver.cancel()
  // What has not been loaded cannot be saved; the file is as it was.
  if (server.isLoading) return true
  if (!(save ?? settings.get<string>('save') !== '')) return true
  surroundings.log('notice', 'Saving the final RDB snapshot before exiting.')
  if (saver.saveNow()) return true
  if (force) {
    surroundings.log('warning', 'Error trying to save the DB, but FORCE was asked for: exiting anyway.')
    return true
  }
  surroundings.log('warning', "Error trying to save the DB, can't exit.")
  return false
}
