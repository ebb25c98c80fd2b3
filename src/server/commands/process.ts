/**
 * The server as a process and as a node: SHUTDOWN, MODULE.
 *
 * Modules are not loaded here: MODULE answers as a server that has none, and refuses to load any.
 *
 * Source: redis 7.0 `src/db.c` (shutdownCommand), `src/module.c`.
 */
import { word } from '../arguments.ts'
import type { Call } from '../call.ts'
import { type CommandSpec, defineCommands, NO_KEYS } from '../command-spec.ts'
import { OK, Refusal, type Reply, SILENCE, SYNTAX, wrongArity } from '../replies.ts'
import { helpCommand, MODULE_HELP } from './help.ts'

const OPTIONS: ReadonlySet<string> = new Set(['SAVE', 'NOSAVE', 'NOW', 'FORCE', 'ABORT'])

function shutdown(call: Call): Reply {
  const { argv, server, session } = call
  const options = new Set(argv.slice(1).map(word))
  for (const option of options) if (!OPTIONS.has(option)) throw new Refusal(SYNTAX)
  const isAbort = options.has('ABORT')
  if (isAbort && options.size > 1) throw new Refusal(SYNTAX)
  const [save, noSave] = [options.has('SAVE'), options.has('NOSAVE')]
  if (save && noSave) throw new Refusal(SYNTAX)
  if (isAbort) {
    if (server.ending.abort()) return OK
    throw new Refusal('ERR No shutdown in progress.')
  }
  const wanted = save ? true : noSave ? false : undefined
  const how = { save: wanted, force: options.has('FORCE'), now: options.has('NOW') }
  const step = server.ending.begin(how)
  if (step === 'failed') throw new Refusal('ERR Errors trying to SHUTDOWN. Check logs.')
  if (step === 'done') {
    session.closeAfterReply()
    return SILENCE
  }
  server.ending.join(session, argv)
  return call.block([], 0, SILENCE)
}

function refuseModule(): Reply {
  throw new Refusal('ERR Error loading the extension. Please check the server logs.')
}

const LOADING = {
  flags: ['admin', 'noscript', 'no_async_loading'],
  keys: NO_KEYS,
  effect: 'none',
} as const

const modules: Readonly<Record<string, CommandSpec>> = {
  list: { arity: 2, flags: ['admin', 'noscript'], keys: NO_KEYS, effect: 'none', run: () => [] },
  load: { ...LOADING, arity: -3, run: refuseModule },
  loadex: { ...LOADING, arity: -3, run: refuseModule },
  unload: {
    ...LOADING,
    arity: 3,
    run: () => {
      throw new Refusal('ERR Error unloading module: no such module with that name')
    },
  },
  help: helpCommand(MODULE_HELP),
}

export const processCommands = defineCommands({
  shutdown: {
    arity: -1,
    flags: ['admin', 'noscript', 'loading', 'stale', 'no_multi', 'allow_busy'],
    keys: NO_KEYS,
    effect: 'none',
    run: shutdown,
  },
  module: {
    arity: -2,
    flags: [],
    keys: NO_KEYS,
    effect: 'none',
    run: () => {
      throw new Refusal(wrongArity('module'))
    },
    subcommands: modules,
  },
})
