/**
 * FUNCTION, as a server answers that has no libraries: there is nothing to list, to delete or to stop, and
 * FLUSH, with which many a script begins, leaves things as they are. Loading and calling come with scripting.
 *
 * Source: redis 7.0 `src/functions.c`.
 */
import { word } from '../arguments.ts'
import type { Call } from '../call.ts'
import { type CommandSpec, defineCommands, NO_KEYS } from '../command-spec.ts'
import { OK, Pairs, Refusal, type Reply, shown, wrongArity } from '../replies.ts'
import { FUNCTION_HELP, helpCommand } from './help.ts'

/** Propagated whether there was anything or not. */
function flush(call: Call): Reply {
  const [, , mode, ...more] = call.argv
  if (more.length > 0) {
    const name = shown(call.argv[1]!)
    throw new Refusal(`ERR unknown subcommand or wrong number of arguments for '${name}'. Try FUNCTION HELP.`)
  }
  if (mode !== undefined && !['SYNC', 'ASYNC'].includes(word(mode))) {
    throw new Refusal('ERR FUNCTION FLUSH only supports SYNC|ASYNC option')
  }
  call.changes++
  return OK
}

function list({ argv }: Call): Reply {
  for (let i = 2; i < argv.length; i++) {
    const option = word(argv[i]!)
    if (option === 'WITHCODE') continue
    if (option !== 'LIBRARYNAME') throw new Refusal(`ERR Unknown argument ${shown(argv[i]!)}`)
    if (++i === argv.length) throw new Refusal('ERR library name argument was not given')
  }
  return []
}

function refusal(text: string): () => Reply {
  return () => {
    throw new Refusal(text)
  }
}

const SPEC = { keys: NO_KEYS, effect: 'none' } as const

const functions: Readonly<Record<string, CommandSpec>> = {
  flush: { arity: -2, flags: ['write', 'noscript'], keys: NO_KEYS, effect: 'always', run: flush },
  delete: { ...SPEC, arity: 3, flags: ['write', 'noscript'], run: refusal('ERR Library not found') },
  list: { ...SPEC, arity: -2, flags: ['noscript'], run: list },
  stats: {
    ...SPEC,
    arity: 2,
    flags: ['noscript', 'allow_busy'],
    run: () => new Pairs(['running_script', null, 'engines', new Pairs([])]),
  },
  kill: {
    ...SPEC,
    arity: 2,
    flags: ['noscript', 'allow_busy'],
    run: refusal('NOTBUSY No scripts in execution right now.'),
  },
  help: helpCommand(FUNCTION_HELP),
}

export const functionCommands = defineCommands({
  function: { ...SPEC, arity: -2, flags: [], run: refusal(wrongArity('function')), subcommands: functions },
})
