/**
 * CONFIG: the configuration, read and changed while the server runs.
 *
 * A CONFIG SET of several parameters changes all or none: every value is read before any is set.
 *
 * Source: redis 7.0 `src/config.c`, configSetCommand, configGetCommand.
 */
import type { ByteString } from '../../bytes/byte-string.ts'
import { globMatcher } from '../../bytes/glob.ts'
import type { Call } from '../call.ts'
import { defineCommands, NO_KEYS } from '../command-spec.ts'
import { BadValue, type ParameterValue } from '../config/kinds.ts'
import { PARAMETERS, type Parameter } from '../config/parameters.ts'
import { parameterOf } from '../config/settings.ts'
import { OK, Pairs, Refusal, type Reply, SYNTAX, shown } from '../replies.ts'
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

function set(call: Call): Reply {
  const { argv, server } = call
  if (argv.length % 2 !== 0) throw new Refusal(SYNTAX)
  const changes: { readonly parameter: Parameter; readonly name: string; readonly text: string }[] = []
  for (let i = 2; i < argv.length; i += 2) {
    const name = argv[i]!
    const parameter = parameterOf(name)
    if (parameter === undefined) {
      throw new Refusal(`ERR Unknown option or number of arguments for CONFIG SET - '${shown(name)}'`)
    }
    if (parameter.change === 'immutable') throw failed(name, "can't set immutable config")
    if (parameter.change === 'protected' && !mayChangeProtected(call)) {
      throw failed(name, "can't set protected config")
    }
    if (changes.some((change) => change.parameter === parameter)) throw failed(name, 'duplicate parameter')
    changes.push({ parameter, name, text: argv[i + 1]! })
  }
  const values = changes.map(({ parameter, name, text }) => parsed(call, parameter, name, text))
  changes.forEach(({ parameter }, i) => {
    server.settings.set(parameter, values[i]!)
  })
  server.configured(changes.map(({ parameter }) => parameter.name))
  return OK
}

function parsed({ server }: Call, parameter: Parameter, name: string, text: string): ParameterValue {
  try {
    return server.settings.parse(parameter, text)
  } catch (error) {
    if (!(error instanceof BadValue)) throw error
    throw failed(name, error.why)
  }
}

function failed(name: string, why: string): Refusal {
  return new Refusal(`ERR CONFIG SET failed (possibly related to argument '${name}') - ${why}`)
}

function mayChangeProtected({ server, session }: Call): boolean {
  const allowed = server.settings.get<string>('enable-protected-configs')
  return allowed === 'yes' || (allowed === 'local' && session.isLocal)
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
  if (problem !== undefined) throw new Refusal(`ERR Rewriting config file: ${problem}`)
  return OK
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
