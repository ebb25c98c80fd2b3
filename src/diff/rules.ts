/**
 * What differs by nature between two runs, even of one server, and what is done about it.
 *
 * Each rule has a name and a reason, says how a message is changed before it is compared, and how often it
 * was used is counted and reported. A rule that gives nothing sets the message aside: it is still told how
 * many were. Nothing else is ever left out; `--strict` uses no rule at all.
 *
 * Rules are made anew for each observation, because some remember: the first id that appears is `id#1`.
 */
import type { Json } from '../sink/json-bytes.ts'
import { type Fields, type Message, type Observation, plain } from './message.ts'

export type Change = (message: Message) => Message | undefined

export type Rule = {
  readonly name: string
  readonly reason: string
  readonly begin: (observation: Observation) => Change
}

const HIDDEN = '(not compared)'
/** Times are told in steps of this; scenarios use expiries that are multiples of it. */
const QUANTUM_MS = 50_000
const DAY_MS = 86_400_000

export const RULES: readonly Rule[] = [
  {
    name: 'moments',
    reason: 'when something passed, and at which byte of its connection, depends on how fast all is',
    begin: () => without(['at', 'pos', 'position', 'ms', 'lagMs', 'lagBytes']),
  },
  {
    name: 'past',
    reason: 'a server that was not started for this has a past: offsets are told from where it stood',
    begin: fromBase,
  },
  {
    name: 'replication ids',
    reason: 'ids are random: they are named in order of appearance, so that equal ids stay equal',
    begin: idNames,
  },
  {
    name: 'ports',
    reason: 'the system chooses ports: they are called after who has them',
    begin: portNames,
  },
  {
    name: 'clock',
    reason: 'absolute times near now are told from when they were seen, in steps of 50 s',
    begin: clockNames,
  },
  {
    name: 'seconds ago',
    reason: 'INFO counts seconds since something happened',
    begin: () =>
      where('info', (fields) => {
        const hidden = mapFields(fields, (name, value) => (SECONDS.test(name) ? HIDDEN : value))
        return mapFields(hidden, (name, value) =>
          /^slave\d+$/.test(name) && typeof value === 'string' ? value.replace(/lag=-?\d+/, 'lag=…') : value,
        )
      }),
  },
  {
    name: 'heartbeats',
    reason: 'how many newlines pass depends on how long somebody waits',
    begin: () => aside((message) => message.kind === 'heartbeat'),
  },
  {
    name: 'timer ACKs',
    reason: 'ACKs of a replica’s cron come when its second is over; those that a step awaits are compared',
    begin: () => aside((message) => message.kind === 'ack'),
  },
  {
    name: 'snapshot bytes',
    reason: 'content is compared, not how it is packed: sizes depend on figures among the header fields',
    begin: () => without(['bytes'], /^snapshot-/),
  },
  {
    name: 'totals of a connection',
    reason: 'bytes that passed in all count heartbeats and ACKs by timer',
    begin: () => without(['bytes'], /^closed$/),
  },
  {
    name: 'header fields',
    reason: 'a snapshot says who wrote it, when, and how much memory that one used',
    begin: () =>
      where('snapshot-aux', (fields) => (WRITER.has(String(fields.name)) ? hide(fields, 'value') : fields)),
  },
  {
    name: 'order in a snapshot',
    reason: 'keys, members of sets and fields of hashes are stored in the order of a random hash seed',
    begin: () => where('snapshot-key', (fields) => ({ ...fields, value: sortedValue(fields) })),
  },
  {
    name: 'order in a reply',
    reason: 'some commands reply in the order of a hash table',
    begin: unorderedReplies,
  },
]

/** Fields of INFO replication that count seconds. */
const SECONDS = /seconds_ago$|_seconds$|_sec$|^master_link_(down|up)_since/
const WRITER = new Set(['redis-ver', 'valkey-ver', 'redis-bits', 'ctime', 'used-mem'])
const UNORDERED = new Set(['SPOP', 'SMEMBERS', 'SINTER', 'SUNION', 'SDIFF', 'KEYS', 'HKEYS', 'HVALS'])

function without(names: readonly string[], kinds = /^/): Change {
  return (message) => {
    if (!kinds.test(message.kind) || !names.some((name) => name in message.fields)) return message
    const kept = Object.entries(message.fields).filter(([name]) => !names.includes(name))
    return { ...message, fields: Object.fromEntries(kept) }
  }
}

function aside(isNoise: (message: Message) => boolean): Change {
  return (message) => (message.awaited !== true && isNoise(message) ? undefined : message)
}

function where(kind: string, change: (fields: Fields) => Fields): Change {
  return (message) => (message.kind === kind ? { ...message, fields: change(message.fields) } : message)
}

function hide(fields: Fields, name: string): Fields {
  return name in fields ? { ...fields, [name]: HIDDEN } : fields
}

function mapFields(fields: Fields, change: (name: string, value: Json) => Json): Fields {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, change(name, value)]))
}

/** All strings and numbers of a message, wherever they stand. */
export function mapValues(value: Json, change: (leaf: string | number) => Json): Json {
  if (typeof value === 'string' || typeof value === 'number') return change(value)
  if (Array.isArray(value)) return value.map((item) => mapValues(item, change))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, mapValues(item, change)]))
}

function everywhere(change: (leaf: string | number, name: string) => Json): Change {
  return (message) => ({
    ...message,
    fields: mapFields(message.fields, (name, value) => mapValues(value, (leaf) => change(leaf, name))),
  })
}

/** Names of fields, and names before them in text, whose numbers are replication offsets. */
const OFFSET =
  /^(start|end|offset|(slave_|master_|slave_read_|second_)repl_offset|repl_backlog_first_byte_offset)$/

/**
 * A master's offsets all begin there. A replica has its past only until a master has given it another: then
 * only what stands exactly there is its past.
 */
function fromBase({ base, role }: Observation): Change {
  if (base === 0) return (message) => message
  const isPast = (offset: number) =>
    role === 'replica' ? offset === base || offset === base + 1 : offset >= base
  const shift = (value: Json): Json => {
    const number = Number(value)
    if (value === null || value === '' || !Number.isSafeInteger(number) || !isPast(number)) return value
    return typeof value === 'number' ? number - base : String(number - base)
  }
  const isOffset = (name: string, { kind, fields }: Message) =>
    OFFSET.test(name) || (kind === 'snapshot-aux' && name === 'value' && fields.name === 'repl-offset')
  const hasLoaded = new Set<string>()
  return (message) => {
    const { kind, lane } = message
    if (kind === 'snapshot-end') hasLoaded.add(lane)
    if (role === 'replica' && hasLoaded.has(lane)) return message
    const fields = mapFields(message.fields, (name, value) => {
      if (isOffset(name, message)) return shift(value)
      if (name === 'asked') return mapValues(value, shift)
      if (kind === 'role') return roleFromBase(value, shift)
      if (name === 'argv' && kind === 'request' && Array.isArray(value) && /^psync$/i.test(plain(value[0])))
        return value.map((word, i) => (i === 2 ? shift(word) : word))
      if (!/^slave\d+$/.test(name)) return value
      return plain(value).replace(/offset=(\d+)/, (_, digits: string) => `offset=${plain(shift(digits))}`)
    })
    return { ...message, fields }
  }
}

/** Where offsets stand in the reply to ROLE: its own, and the last of each replica. */
function roleFromBase(reply: Json, shift: (value: Json) => Json): Json {
  if (!Array.isArray(reply)) return reply
  return reply.map((part, i) => {
    if (!Array.isArray(part)) return i === 1 || i === 4 ? shift(part) : part
    return part.map((one) => (Array.isArray(one) ? [...one.slice(0, 2), ...one.slice(2).map(shift)] : one))
  })
}

/** In order of appearance: step by step, links before what was looked at. */
function idNames({ messages }: Observation): Change {
  const names = new Map<string, string>()
  const nameOf = (id: string) => {
    if (/^0+$/.test(id)) return id
    const known = names.get(id.toLowerCase()) ?? `id#${names.size + 1}`
    names.set(id.toLowerCase(), known)
    return known
  }
  const change = everywhere((leaf) =>
    typeof leaf === 'string' ? leaf.replace(/\b[0-9a-fA-F]{40}\b/g, nameOf) : leaf,
  )
  const named = (message: Message) => (message.kind === 'digest' ? message : change(message))
  const place = ({ lane }: Message) => `${lane.startsWith('link') ? 0 : 1} ${lane}`
  const byPlace = (x: string, y: string) => (x < y ? -1 : x > y ? 1 : 0)
  const told = [...messages].sort((x, y) => x.step - y.step || byPlace(place(x), place(y)))
  for (const message of told) named(message)
  return named
}

function portNames({ ports }: Observation): Change {
  return everywhere((leaf, name) => {
    const own = /port$/.test(name) ? ports.get(Number(leaf)) : undefined
    if (own !== undefined) return `port of ${own}`
    if (name === 'from' || name === 'to') {
      const end = ports.get(Number(/\d+$/.exec(String(leaf))?.[0]))
      return end ?? HIDDEN
    }
    if (typeof leaf === 'number') return ports.has(leaf) && leaf > 1024 ? `port of ${ports.get(leaf)}` : leaf
    return leaf.replace(/\b\d{4,5}\b/g, (digits) => {
      const whose = ports.get(Number(digits))
      return whose === undefined ? digits : `port of ${whose}`
    })
  })
}

function clockNames(): Change {
  return (message) => {
    const near = (ms: number) => Math.abs(ms - message.at) < DAY_MS
    const text = (ms: number) => {
      const steps = Math.round((ms - message.at) / QUANTUM_MS)
      return steps === 0 ? 'now' : `now${steps > 0 ? '+' : '-'}${Math.abs(steps * QUANTUM_MS) / 1000}s`
    }
    const inText = (digits: string, unit: number) =>
      near(Number(digits) * unit) ? text(Number(digits) * unit) : digits
    const change = everywhere((leaf) => {
      if (typeof leaf === 'string')
        return leaf
          .replace(/\b\d{13}\b/g, (digits) => inText(digits, 1))
          .replace(/\b\d{10}\b/g, (digits) => inText(digits, 1000))
      if (near(leaf)) return text(leaf)
      return Number.isInteger(leaf) && near(leaf * 1000) ? text(leaf * 1000) : leaf
    })
    return change(message)
  }
}

function sortedValue({ type, value }: Fields): Json {
  if (type === 'set' && Array.isArray(value)) return [...value].sort(byText)
  if (type !== 'hash' || value === null || typeof value !== 'object') return value ?? null
  if (Array.isArray(value)) return [...value].sort(byText)
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
}

/** A reply is sorted where the request before it in its lane asks something that has no order. */
function unorderedReplies(): Change {
  const asked = new Map<string, string>()
  return (message) => {
    const { kind, lane, fields } = message
    if (kind === 'request')
      asked.set(lane, Array.isArray(fields.argv) ? String(fields.argv[0]).toUpperCase() : '')
    if (kind !== 'reply' || !UNORDERED.has(asked.get(lane) ?? '') || !Array.isArray(fields.reply))
      return message
    return { ...message, fields: { ...fields, reply: [...fields.reply].sort(byText) } }
  }
}

function byText(a: Json, b: Json): number {
  const [x, y] = [JSON.stringify(a), JSON.stringify(b)]
  return x < y ? -1 : x > y ? 1 : 0
}
