/**
 * CONFIG: the configuration, read while the server runs, and written to its file. CONFIG SET: config-set.ts.
 *
 * Source: redis 7.0 `src/config.c`, configGetCommand, configRewriteCommand.
 */
import type { ByteString } from '../../bytes/byte-string.ts'
import { globMatcher } from '../../bytes/glob.ts'
import type { Call } from '../call.ts'
import { defineCommands, NO_KEYS } from '../command-spec.ts'
import { PARAMETERS, type Parameter } from '../config/parameters.ts'
import { parameterOf } from '../config/settings.ts'
import { OK, Pairs, Refusal, type Reply } from '../replies.ts'
import { set } from './config-set.ts'
import { CONFIG_HELP, helpCommand } from './help.ts'

function get(call: Call): Reply {
  const { settings } = call.server
  const items: ByteString[] = []
  const told = new Set<string>()
  const tell = (name: ByteString, parameter: Parameter): void => {
    if (told.has(name.toLowerCase())) return
    told.add(name.toLowerCase())
    items.push(name, settings.print(parameter) as ByteString)
  }
  for (const pattern of call.argv.slice(2)) {
    // A name that is no pattern is answered as it was asked.
    const named = parameterOf(pattern)
    if (named !== undefined) tell(pattern, named)
    else for (const [name, parameter] of matching(pattern)) tell(name, parameter)
  }
  return new Pairs(items)
}

function matching(pattern: ByteString): [ByteString, Parameter][] {
  const matches = globMatcher(pattern.toLowerCase() as ByteString)
  return PARAMETERS.filter(({ isHidden }) => !isHidden).flatMap((parameter) =>
    [parameter.name, parameter.alias]
      .filter((name) => name !== undefined && matches(name))
      .map((name): [ByteString, Parameter] => [name as ByteString, parameter]),
  )
}

function resetStat(call: Call): Reply {
  const { server } = call
  server.stats.reset()
  for (const command of server.table.everything()) command.resetStatistics()
  return OK
}

function rewrite(call: Call): Reply {
  const { configFile } = call.server.surroundings
  if (configFile === undefined) throw new Refusal('ERR The server is running without a config file')
  const problem = configFile.rewrite(call.server.settings)
  if (problem !== undefined) {
    call.server.surroundings.log('warning', `CONFIG REWRITE failed: ${problem}`)
    throw new Refusal(`ERR Rewriting config file: ${problem}`)
  }
  call.server.surroundings.log('warning', 'CONFIG REWRITE executed with success.')
  return OK
}

/** DEBUG CONFIG-REWRITE-FORCE-ALL: parameters that have their default value are written too. */
export function rewriteAll({ server: { surroundings, settings } }: Call): Reply {
  const { configFile } = surroundings
  if (configFile === undefined) throw new Refusal('ERR CONFIG-REWRITE-FORCE-ALL failed')
  const problem = configFile.rewrite(settings, true)
  if (problem === undefined) return OK
  throw new Refusal(`ERR CONFIG-REWRITE-FORCE-ALL failed: ${problem}`)
}

const FLAGS = ['admin', 'noscript', 'loading', 'stale'] as const
const SPEC = { flags: [...FLAGS], keys: NO_KEYS, effect: 'none' } as const

export const configCommands = defineCommands({
  config: {
    arity: -2,
    flags: [],
    keys: NO_KEYS,
    effect: 'none',
    run: () => null,
    subcommands: {
      get: { ...SPEC, arity: -3, run: get },
      set: { ...SPEC, arity: -4, run: set },
      resetstat: { ...SPEC, arity: 2, run: resetStat },
      rewrite: { ...SPEC, arity: 2, run: rewrite },
      help: helpCommand(CONFIG_HELP),
    },
  },
})
