/**
 * CommandSpec: a command as data. Each file of commands/ declares its own with defineCommands; table.ts
 * joins them.
 *
 *   sadd: { arity: -3, flags: ['write', 'denyoom', 'fast'], keys: ONE_KEY, effect: 'same', run: sadd }
 *
 * Arity, flags and key positions are Redis's own conventions, so that one test can compare the whole table
 * with what a real server answers to COMMAND. `effect` says how the command reaches replicas:
 *
 *   none     it changes nothing
 *   same     as it was received, if it changed anything
 *   always   as it was received, changed or not (FLUSHALL, PUBLISH)
 *   own      the handler calls call.propagate() with a deterministic rewriting (SPOP → SREM …)
 *
 * A handler is a function of its Call: no socket, no clock, no chance but what the Call gives it.
 */
import type { ByteString } from '../bytes/byte-string.ts'
import type { Call } from './call.ts'
import type { RequestFacts } from './gate.ts'
import { LatencyHistogram } from './latency-histogram.ts'
import type { Reply } from './replies.ts'

export type CommandFlag =
  | 'write'
  | 'readonly'
  | 'denyoom'
  | 'admin'
  | 'pubsub'
  | 'noscript'
  | 'blocking'
  | 'loading'
  | 'stale'
  | 'skip_monitor'
  | 'skip_slowlog'
  | 'asking'
  | 'fast'
  | 'no_auth'
  | 'may_replicate'
  | 'no_async_loading'
  | 'no_multi'
  | 'allow_busy'
  | 'no_mandatory_keys'
  | 'movablekeys'
  | 'module'

/**
 * Positions of keys: first, last (negative: from the end) and step, as COMMAND shows them; 0 0 0 for
 * none.
 */
export type KeyPositions = { readonly first: number; readonly last: number; readonly step: number }

export const NO_KEYS: KeyPositions = { first: 0, last: 0, step: 0 }
export const ONE_KEY: KeyPositions = { first: 1, last: 1, step: 1 }
export const TWO_KEYS: KeyPositions = { first: 1, last: 2, step: 1 }
/** All arguments. */
export const ALL_KEYS: KeyPositions = { first: 1, last: -1, step: 1 }
/** All but the last argument, which is a timeout. */
export const KEYS_AND_TIMEOUT: KeyPositions = { first: 1, last: -2, step: 1 }
/** key value key value … */
export const KEY_VALUE_PAIRS: KeyPositions = { first: 1, last: -1, step: 2 }

export type Handler = (call: Call) => Reply

export type CommandSpec = {
  /** Number of words, the name included; negative: at least so many. */
  readonly arity: number
  readonly flags: readonly CommandFlag[]
  readonly keys: KeyPositions
  /** Indices of the keys among the arguments, where positions cannot tell (flag movablekeys). */
  readonly findKeys?: (argv: readonly ByteString[]) => readonly number[]
  readonly effect: 'none' | 'same' | 'always' | 'own'
  readonly run: Handler
  /** Of a container (OBJECT ENCODING, CLIENT LIST); names in lower case. */
  readonly subcommands?: Readonly<Record<string, CommandSpec>>
}

/** Declares commands by their names in lower case. */
export function defineCommands<const T extends Readonly<Record<string, CommandSpec>>>(commands: T): T {
  return commands
}

/** Flags as sets, made once for the commands of all servers. */
const FLAG_SETS = new WeakMap<CommandSpec, ReadonlySet<CommandFlag>>()

function flagSet(spec: CommandSpec): ReadonlySet<CommandFlag> {
  let flags = FLAG_SETS.get(spec)
  if (flags === undefined) {
    flags = new Set(spec.flags)
    FLAG_SETS.set(spec, flags)
  }
  return flags
}

/** A command as the executor meets it: its declaration and what follows from it. */
export class Command {
  /** `get`, `object|encoding` */
  readonly name: string
  readonly spec: CommandSpec
  readonly isWrite: boolean
  readonly flags: ReadonlySet<CommandFlag>
  readonly subcommands: ReadonlyMap<string, Command> | undefined
  /** What the gate looks at (gate.ts), from the first call on. */
  facts: RequestFacts | undefined
  /** Statistics, as INFO commandstats shows them. */
  calls = 0
  micros = 0
  rejected = 0
  failed = 0
  #latencies: LatencyHistogram | undefined

  constructor(name: string, spec: CommandSpec) {
    this.name = name
    this.spec = spec
    this.flags = flagSet(spec)
    this.isWrite = this.flags.has('write')
    this.subcommands =
      spec.subcommands === undefined
        ? undefined
        : new Map(
            Object.entries(spec.subcommands).map(([sub, subSpec]) => [
              sub,
              new Command(`${name}|${sub}`, subSpec),
            ]),
          )
  }

  resetStatistics(): void {
    this.calls = 0
    this.micros = 0
    this.rejected = 0
    this.failed = 0
    this.#latencies = undefined
  }

  /** Microseconds a call took. */
  get latencies(): LatencyHistogram {
    this.#latencies ??= new LatencyHistogram()
    return this.#latencies
  }

  accepts(argc: number): boolean {
    const { arity } = this.spec
    return arity >= 0 ? argc === arity : argc >= -arity
  }

  /** Indices of the keys in `argv`. */
  keyIndices(argv: readonly ByteString[]): readonly number[] {
    const { spec } = this
    if (spec.findKeys !== undefined) return spec.findKeys(argv)
    const { first, last, step } = spec.keys
    const indices: number[] = []
    if (first === 0) return indices
    const end = last < 0 ? argv.length + last : last
    for (let i = first; i <= end; i += step) indices.push(i)
    return indices
  }
}

/** Commands by name. */
export class CommandTable {
  readonly #commands = new Map<string, Command>()
  /** By their names in lower and in upper case: hardly anybody writes them in another way. */
  readonly #spelled = new Map<string, Command>()

  constructor(...parts: readonly Readonly<Record<string, CommandSpec>>[]) {
    for (const part of parts) {
      for (const [name, spec] of Object.entries(part)) {
        const command = new Command(name, spec)
        this.#commands.set(name, command)
        this.#spelled.set(name, command)
        this.#spelled.set(name.toUpperCase(), command)
      }
    }
  }

  /** Gives a command another name; an empty one takes it away. @returns what is wrong, if anything */
  rename(name: string, other: string): string | undefined {
    const command = this.find(name)
    if (command === undefined) return 'No such command in rename-command'
    if (other !== '' && this.find(other) !== undefined) return 'Target command name already exists'
    for (const known of [this.#commands, this.#spelled]) {
      for (const [spelled, each] of known) if (each === command) known.delete(spelled)
    }
    if (other !== '') this.#commands.set(other.toLowerCase(), command)
    return undefined
  }

  get all(): Iterable<Command> {
    return this.#commands.values()
  }

  /** Commands and their subcommands. */
  *everything(): Iterable<Command> {
    for (const command of this.#commands.values()) {
      yield command
      yield* command.subcommands?.values() ?? []
    }
  }

  get size(): number {
    return this.#commands.size
  }

  /** @param name in any case */
  find(name: string): Command | undefined {
    return this.#spelled.get(name) ?? this.#commands.get(name.toLowerCase())
  }
}
