/**
 * The server as a process and as a node: SHUTDOWN, WAIT, MODULE.
 *
 * Modules are not loaded here: MODULE answers as a server that has none, and refuses to load any.
 *
 * Source: redis 7.0 `src/db.c` (shutdownCommand), `src/replication.c` (waitCommand),
 * `src/module.c`.
 */
import { integerArgument, word } from '../arguments.ts'
import type { Call } from '../call.ts'
import { type CommandSpec, defineCommands, NO_KEYS } from '../command-spec.ts'
import { Refusal, type Reply, SILENCE, SYNTAX, wrongArity } from '../replies.ts'
import { prepareShutdown } from '../shutdown.ts'
import { helpCommand, MODULE_HELP } from './help.ts'
import { millisTimeout } from './timeout.ts'

const OPTIONS: ReadonlySet<string> = new Set(['SAVE', 'NOSAVE', 'NOW', 'FORCE', 'ABORT'])

function shutdown(call: Call): Reply {
  const { argv, server, session } = call
  const options = new Set(argv.slice(1).map(word))
  for (const option of options) if (!OPTIONS.has(option)) throw new Refusal(SYNTAX)
  const isAbort = options.has('ABORT')
  if (isAbort && options.size > 1) throw new Refusal(SYNTAX)
  const [save, noSave] = [options.has('SAVE'), options.has('NOSAVE')]
  if (save && noSave) throw new Refusal(SYNTAX)
  // Nobody is waited for (there are no replicas that lag), so there is never one to abort.
  if (isAbort) throw new Refusal('ERR No shutdown in progress.')
  const wanted = save ? true : noSave ? false : undefined
  if (!prepareShutdown(server, { save: wanted, force: options.has('FORCE') })) {
    throw new Refusal('ERR Errors trying to SHUTDOWN. Check logs.')
  }
  session.closeAfterReply()
  server.surroundings.shutdown()
  return SILENCE
}

/** Waits in vain for replicas that do not exist, as long as it is told to. */
function wait(call: Call): Reply {
  const wanted = integerArgument(call.argv[1]!)
  const timeout = millisTimeout(call.argv[2]!)
  if (wanted <= 0) return 0
  return call.block([], timeout, 0)
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
  wait: { arity: 3, flags: ['noscript'], keys: NO_KEYS, effect: 'none', run: wait },
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
