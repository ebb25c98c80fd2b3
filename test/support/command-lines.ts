/**
 * CommandLines: a random command line is a function of a number, so that a failure names itself.
 *
 *   COMMAND DOCS ─► grammar of the arguments ─► a line that may well be right ─► sometimes bent:
 *                                               a word dropped, doubled, exchanged, made odd
 *
 * For two servers to be compared, commands are left out that change something by chance (SPOP), and what would
 * block is put between MULTI and EXEC.
 */
import { factsOf, knownNames, type Tree } from '../../src/server/commands/command-facts.ts'
import { ALL_KEYS, KEYS, KEYS_OF, ODD, SEEDING, wordsFor } from './command-words.ts'
import { mulberry32 } from './every-split.ts'
import { startReference, type Words } from './reference.ts'

type Dictionary = Readonly<Record<string, Tree>>
type Argument = {
  readonly name: string
  readonly type: string
  readonly token: string | undefined
  readonly isOptional: boolean
  readonly isMultiple: boolean
  readonly repeatsToken: boolean
  readonly parts: readonly Argument[]
}
type Grammar = { readonly name: string; readonly group: string; readonly parts: readonly Argument[] }

/** Groups of commands that read and change data. */
export const DATA_GROUPS: readonly string[] = [...Object.keys(KEYS), 'generic', 'transactions']
/** Groups of commands about the server and its clients. */
export const SERVER_GROUPS: readonly string[] = ['server', 'connection', 'pubsub', 'cluster']
const NEVER: readonly string[] = [
  ...['object', 'xgroup', 'xinfo', 'client', 'config', 'command', 'memory', 'latency', 'slowlog'],
  ...['wait', 'migrate', 'pfselftest'],
  // They end the server or the connection, change the way it speaks, or take hold of it.
  ...['shutdown', 'quit', 'reset', 'monitor', 'debug', 'auth', 'hello', 'client|kill', 'client|reply'],
  ...[
    'client|tracking',
    'client|caching',
    'client|pause',
    'save',
    'bgsave',
    'config|rewrite',
    'config|resetstat',
    'select',
    'flushall',
  ],
  ...['subscribe', 'psubscribe', 'ssubscribe', 'unsubscribe', 'punsubscribe', 'sunsubscribe'],
  // Not yet in the reference.
  ...['psync', 'sync', 'replconf', 'replicaof', 'slaveof', 'failover', 'role', 'bgrewriteaof'],
]
const LATER = /^acl/
const NOT_COMPARED: readonly string[] = [
  // By chance, or in the order of a hash table, and stored or expired by it.
  ...['spop', 'randomkey', 'scan', 'keys', 'sort'],
  // strtod's errno of some earlier command decides what SORT says of a number.
  'sort_ro',
  // An object of its own or a shared one: COPY makes one of its own.
  'object|refcount',
]
const EXPIRING = /expire|^(?:set|psetex|setex|getex|restore.*)$/
const BLOCKING = /^(?:b[lrz]|xread)/

/** A deadline so near that it would pass while the two are compared is put off. */
function later(word: string | Buffer): string | Buffer {
  return typeof word === 'string' && /^[1-9]\d{0,3}$/.test(word) ? `${word}00000` : word
}

function dictionary(tree: Tree): Dictionary {
  const items = (tree as { '%': readonly Tree[] })['%']
  return Object.fromEntries(items.flatMap((name, i) => (i % 2 === 0 ? [[name, items[i + 1]!]] : [])))
}

function argumentOf(tree: Tree): Argument {
  const { name, type, token, flags, arguments: parts = [] } = dictionary(tree)
  const marks = JSON.stringify(flags ?? '')
  return {
    name: String(name),
    type: String(type),
    token: token === undefined ? undefined : String(token),
    isOptional: marks.includes('"optional"'),
    isMultiple: marks.includes('"multiple"'),
    repeatsToken: marks.includes('"multiple_token"'),
    parts: (parts as readonly Tree[]).map(argumentOf),
  }
}

/** The commands of these groups, as COMMAND DOCS describes them. */
function grammarsOf(groups: readonly string[], isCompared: boolean): Grammar[] {
  const leftOut = new Set(isCompared ? [...NEVER, ...NOT_COMPARED] : NEVER)
  return knownNames()
    .filter((name) => !leftOut.has(name) && !LATER.test(name))
    .map((name) => {
      const { group, arguments: parts = [] } = dictionary(factsOf(name)!.docs)
      return { name, group: String(group), parts: (parts as readonly Tree[]).map(argumentOf) }
    })
    .filter(({ group }) => groups.includes(group))
}

/** Makes lines out of seeds. */
export class CommandLines {
  readonly #grammars: readonly Grammar[]
  readonly #payloads: readonly Buffer[]
  readonly #isCompared: boolean
  #random: () => number = Math.random
  #name = ''
  #group = ''
  /** How often what may be repeated is repeated in this line: keys, their weights and their ids alike. */
  #count = 1

  /**
   * @param payloads what DUMP has given, for RESTORE
   * @param isCompared two servers are to do the same by it: nothing by chance, by the clock, or blocking
   */
  constructor(groups: readonly string[], payloads: readonly Buffer[], isCompared: boolean) {
    this.#grammars = grammarsOf(groups, isCompared)
    this.#payloads = payloads
    this.#isCompared = isCompared
  }

  /** One command; three lines for one that would block and must not. */
  lines(seed: number): Words[] {
    this.#random = mulberry32(seed)
    for (let i = 0; i < 4; i++) this.#random()
    const grammar = this.#oneOf(this.#grammars)
    this.#name = grammar.name
    this.#group = grammar.group
    this.#count = this.#oneOf([1, 1, 1, 2, 2, 3])
    let line: (string | Buffer)[] = [...grammar.name.split('|'), ...this.#all(grammar.parts)]
    if (this.#isLikely(0.3)) line = this.#bent(line)
    const text = this.#isLikely(0.1)
      ? (word: string) => word.toLowerCase()
      : (word: string) => word.toUpperCase()
    line[0] = text(String(line[0]))
    if (grammar.name.includes('|') && line.length > 1) line[1] = text(String(line[1]))
    // SORT makes a sorted set a skip list and tells nobody; only a skip list keeps -0.
    if (!this.#isCompared) return [line.map((word) => (word === '-0' ? '0' : word))]
    if (EXPIRING.test(grammar.name)) line = [line[0]!, ...line.slice(1).map(later)]
    return BLOCKING.test(grammar.name) ? [['MULTI'], line, ['EXEC']] : [line]
  }

  #all(parts: readonly Argument[]): (string | Buffer)[] {
    return parts.flatMap((part) => this.#argument(part))
  }

  #argument(argument: Argument): (string | Buffer)[] {
    if (argument.isOptional && this.#isLikely(0.6)) return []
    const { token } = argument
    // The id of the moment is another one on each server.
    if (argument.type === 'pure-token') return [token === '*' && this.#isCompared ? '900-*' : token!]
    const times = argument.isMultiple ? (this.#isLikely(0.9) ? this.#count : 2) : 1
    const words: (string | Buffer)[] = []
    for (let i = 0; i < times; i++) {
      if (token !== undefined && token !== '' && (i === 0 || argument.repeatsToken)) words.push(token)
      words.push(...this.#value(argument))
    }
    return words
  }

  #value({ type, name, parts }: Argument): (string | Buffer)[] {
    if (type === 'oneof') return this.#argument(this.#oneOf(parts))
    if (type === 'block') return this.#all(parts)
    if (type === 'key') return [this.#key()]
    if (name === 'serialized-value') return [this.#oneOf(this.#payloads)]
    if (name === 'numkeys' && this.#isLikely(0.9)) return [String(this.#count)]
    return [
      this.#isLikely(0.04)
        ? this.#oneOf(ODD)
        : this.#oneOf(
            wordsFor(type, this.#name === 'config|set' && name === 'value' ? 'parameter value' : name),
          ),
    ]
  }

  #key(): string {
    const ours = KEYS_OF[this.#name] ?? KEYS[this.#group]
    if (this.#name in KEYS_OF) return this.#oneOf(ours!)
    return this.#oneOf(ours !== undefined && this.#isLikely(0.85) ? ours : ALL_KEYS)
  }

  #bent(line: readonly (string | Buffer)[]): (string | Buffer)[] {
    const bent = [...line]
    const at = () => 1 + Math.floor(this.#random() * (bent.length - 1))
    switch (Math.floor(this.#random() * 6)) {
      case 0:
        bent.splice(at(), 1)
        break
      case 1:
        bent.push(this.#oneOf(ODD))
        break
      case 2:
        if (bent.length > 1) bent[at()] = this.#oneOf(ODD)
        break
      case 3:
        if (bent.length > 2) {
          const [i, j] = [at(), at()]
          ;[bent[i], bent[j]] = [bent[j]!, bent[i]!]
        }
        break
      case 4:
        if (bent.length > 1) bent.push(bent[at()]!)
        break
      default: {
        // Options once more, of another choice.
        const from = at()
        bent.push(...bent.slice(from, from + 2))
      }
    }
    return bent
  }

  #oneOf<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.#random() * choices.length)]!
  }

  #isLikely(chance: number): boolean {
    return this.#random() < chance
  }
}

/** A value of each type, as DUMP gives it. */
export function payloads(): Buffer[] {
  const client = startReference().client()
  for (const words of SEEDING) client.command(...words)
  return ['int', 's2', 'l1', 'iset', 'set1', 'h1', 'z1', 'x1', 'p1'].map((key) => {
    const dumped = client.command('DUMP', key)
    return Buffer.from((dumped as { value: string }).value, 'latin1')
  })
}
