/**
 * COMMAND: what commands there are, in Redis's own form.
 *
 * Source: redis 7.0 `src/server.c`, addReplyCommandInfo, commandDocsCommand, commandListCommand,
 * getKeysSubcommand.
 */
import type { ByteString } from '../../bytes/byte-string.ts'
import { globMatcher } from '../../bytes/glob.ts'
import { word } from '../arguments.ts'
import type { Call } from '../call.ts'
import { type Command, type CommandTable, defineCommands, NO_KEYS } from '../command-spec.ts'
import { Members, Pairs, Refusal, type Reply, Status, SYNTAX } from '../replies.ts'
import { factsOf, replyOf } from './command-facts.ts'
import { COMMAND_HELP, helpCommand } from './help.ts'

function info(command: Command): Reply {
  const { name, spec } = command
  const facts = factsOf(name)
  const { first, last, step } = spec.keys
  return [
    name,
    spec.arity,
    new Members(spec.flags.map((flag) => new Status(flag))),
    first,
    last,
    step,
    new Members((facts?.categories ?? []).map((category) => new Status(category))),
    new Members(facts?.tips ?? []),
    replyOf(facts?.keySpecs ?? { '~': [] }),
    command.subcommands === undefined ? new Members([]) : [...command.subcommands.values()].map(info),
  ]
}

function docs(command: Command): Reply[] {
  const facts = factsOf(command.name)
  if (facts === undefined || facts.docs === null) return []
  const own = replyOf(facts.docs) as Pairs
  const subcommands = [...(command.subcommands?.values() ?? [])].flatMap(docs)
  const fields = subcommands.length === 0 ? own.items : [...own.items, 'subcommands', new Pairs(subcommands)]
  return [command.name, new Pairs(fields)]
}

/** The command that a name (`get`, `config|get`) means. */
function named(table: CommandTable, name: string): Command | undefined {
  const [container, sub, ...more] = name.toLowerCase().split('|') as [string, string?, ...string[]]
  const command = table.find(container)
  if (more.length > 0) return undefined
  return sub === undefined ? command : command?.subcommands?.get(sub)
}

function infos(call: Call, names: readonly string[]): Reply {
  const { table } = call.server
  if (names.length === 0) return [...table.all].map(info)
  return names.map((name) => {
    const command = named(table, name)
    return command === undefined ? null : info(command)
  })
}

function documentation(call: Call): Reply {
  const { table } = call.server
  const names = call.argv.slice(2)
  const wanted =
    names.length === 0
      ? [...table.all]
      : names.map((name) => named(table, name)).filter((one) => one !== undefined)
  return new Pairs(wanted.flatMap(docs))
}

function list(call: Call): Reply {
  const { argv, server } = call
  const every = [...server.table.everything()]
  if (argv.length === 2) return every.map(({ name }) => name)
  if (argv.length !== 5 || word(argv[2]!) !== 'FILTERBY') throw new Refusal(SYNTAX)
  const value = argv[4]!
  switch (word(argv[3]!)) {
    case 'MODULE':
      return []
    case 'ACLCAT': {
      const category = `@${value.toLowerCase()}`
      return every.filter(({ name }) => factsOf(name)?.categories.includes(category)).map(({ name }) => name)
    }
    case 'PATTERN': {
      const matches = globMatcher(value.toLowerCase() as ByteString)
      return every.filter(({ name }) => matches(name)).map(({ name }) => name)
    }
    default:
      throw new Refusal(SYNTAX)
  }
}

function keysOf(call: Call): { readonly argv: readonly ByteString[]; readonly indices: readonly number[] } {
  const argv = call.argv.slice(2)
  const command = call.server.executor.resolve(argv)
  const isContainer = command?.subcommands !== undefined && argv.length > 1
  if (command === undefined || isContainer) throw new Refusal('ERR Invalid command specified')
  if (command.spec.keys.first === 0 && command.spec.findKeys === undefined) {
    throw new Refusal('ERR The command has no key arguments')
  }
  if (!command.accepts(argv.length)) {
    throw new Refusal('ERR Invalid number of arguments specified for command')
  }
  const indices = command.keyIndices(argv)
  if (indices.length === 0) throw new Refusal('ERR Invalid arguments specified for command')
  return { argv, indices }
}

function getKeys(call: Call): Reply {
  const { argv, indices } = keysOf(call)
  return indices.map((i) => argv[i]!)
}

/** The flags of a command's first key specification hold for all its keys, but where it has several. */
function getKeysAndFlags(call: Call): Reply {
  const { argv, indices } = keysOf(call)
  const name = call.server.executor.resolve(argv)!.name
  if (Object.hasOwn(BY_OPTIONS, name)) {
    const flags = BY_OPTIONS[name]!(argv).map((flag) => new Status(flag))
    return indices.map((i) => [argv[i]!, new Members(flags)])
  }
  const { '~': specs } = factsOf(name)!.keySpecs as { '~': readonly { '%': readonly unknown[] }[] }
  // Between the key of SORT and its STORE are patterns, which are no keys.
  const last = specs.length - 1
  const place = (n: number) => (name === 'sort' && n > 0 ? last : Math.min(n, last))
  return indices.map((i, n) => [argv[i]!, new Members(flagsOf(specs[place(n)]))])
}

/** What is done to the key depends on the options. */
const BY_OPTIONS: Readonly<Record<string, (argv: readonly ByteString[]) => readonly string[]>> = {
  set: (argv) => {
    const reads = argv.some((text, i) => i >= 3 && word(text) === 'GET')
    return reads ? ['RW', 'access', 'update'] : ['OW', 'update']
  },
  bitfield: (argv) => (onlyReads(argv) ? ['RO', 'access'] : ['RW', 'access', 'update']),
}

/** Of BITFIELD: GET and OVERFLOW, and nothing that is wrong. */
function onlyReads(argv: readonly ByteString[]): boolean {
  for (let i = 2; i < argv.length; i++) {
    const name = word(argv[i]!)
    const left = argv.length - i - 1
    if (name === 'GET' && left >= 2) i += 2
    else if (name === 'OVERFLOW' && left >= 1) i++
    else return false
  }
  return true
}

function flagsOf(spec: { '%': readonly unknown[] } | undefined): Status[] {
  const fields = spec?.['%'] ?? []
  const at = fields.indexOf('flags')
  const flags = (fields[at + 1] as { '~': readonly { '+': string }[] } | undefined)?.['~'] ?? []
  return flags.map((flag) => new Status(flag['+']))
}

const FLAGS = ['loading', 'stale'] as const
const SPEC = { flags: [...FLAGS], keys: NO_KEYS, effect: 'none' } as const

export const commandCommands = defineCommands({
  command: {
    ...SPEC,
    arity: -1,
    run: (call) => infos(call, []),
    subcommands: {
      count: { ...SPEC, arity: 2, run: (call) => call.server.table.size },
      info: { ...SPEC, arity: -2, run: (call) => infos(call, call.argv.slice(2)) },
      docs: { ...SPEC, arity: -2, run: documentation },
      list: { ...SPEC, arity: -2, run: list },
      getkeys: { ...SPEC, arity: -4, run: getKeys },
      getkeysandflags: { ...SPEC, arity: -4, run: getKeysAndFlags },
      help: helpCommand(COMMAND_HELP),
    },
  },
})
