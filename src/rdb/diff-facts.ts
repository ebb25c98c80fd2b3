/**
 * A value as facts: where something is, and what is there.
 *
 *   list      item 0: "a"                   hash    field "f": "v", no expiry        string   value: "v"
 *   set       member "m"                    zset    member "m": score 1
 *   stream    entry 1-0: fields …           state: last id …, group "g": last id …, group "g" pending 1-0: …
 *
 * Two values are equal if they are made of the same facts. A fact carries its place with it (the index of an
 * item, the id of an entry, the name of a group), so the order in which they are told does not matter, for
 * any type: not that of a hash table, nor that of consumers. `ordinal` is given where facts have an order
 * that helps to find the first of many.
 *
 * What an 8.6 stream stores where nobody uses idempotent XADDs, and no other server stores, is no fact
 * either. Encodings are no facts, nor is what modules keep beside the keys; nor are the times when a
 * consumer was last seen, except where they are asked for: a master and its replica do not agree about them.
 */
import type { RdbEvent } from '../codec/rdb/events.ts'
import { remembersAdded } from './convert-elements.ts'
import type { Part } from './diff-digest.ts'

export type Fact = {
  /** What a person calls it: `field`. */
  readonly name: FactName
  readonly where: readonly Part[]
  readonly what: readonly Part[]
  readonly ordinal: number | undefined
}

export type FactName = keyof typeof FACTS

/** What the parts of `what` are called. A name is given to all that follow the last one. */
export const FACTS = {
  value: [''],
  item: [''],
  member: [''],
  score: [''],
  field: ['', 'expiry'],
  entry: ['fields'],
  'last id': [''],
  'largest deleted id': [''],
  'entries ever added': [''],
  group: ['last id', 'entries read'],
  'pending entry': ['delivered at', 'deliveries'],
  consumer: ['seen at', 'active at'],
  'entry pending for consumer': [''],
  'idempotence settings': ['duration', 'largest number'],
  'idempotence totals': ['added', 'duplicates'],
  'idempotence id': ['entry'],
  'module value': ['opcode', 'value'],
  metadata: ['opcode', 'value'],
} as const satisfies Record<string, readonly string[]>

export type FactRules = {
  /** Entries read, largest deleted id, entries ever added: snapshots before 7.0 do not hold them. */
  readonly counters: boolean
  /** When consumers were last seen and active. */
  readonly consumerTimes: boolean
}

/** Turns the events of a key, those before it that belong to it included, into facts. */
export class FactReader {
  readonly #rules: FactRules
  #ordinal = 0
  #group: Part
  #consumer: Part
  /** Parts of a stream entry told so far. */
  #parts = 0
  #producer: Part
  #metadata: Part
  /** What module values are part of now. */
  #module: 'value' | 'metadata' | 'aux' = 'value'

  constructor(rules: FactRules) {
    this.#rules = rules
  }

  /** Calls `take` for each fact of the event. Forgets what was before where a key ends. */
  read(event: RdbEvent, take: (fact: Fact) => void): void {
    const tell = (name: FactName, where: readonly Part[], what: readonly Part[]) =>
      take({ name, where, what, ordinal: undefined })
    const next = (name: FactName, what: readonly Part[]) => {
      const ordinal = this.#ordinal++
      take({ name, where: [ordinal], what, ordinal })
    }
    switch (event.kind) {
      case 'string':
        tell('value', [], [event.value])
        return
      case 'list-item':
        next('item', [event.value])
        return
      case 'set-member':
        tell('member', [event.member], [])
        return
      case 'zset-member':
        // Packed encodings make one of 0 and -0, others do not.
        tell('score', [event.member], [event.score + 0])
        return
      case 'hash-field':
        tell('field', [event.field], [event.value, event.expireAt])
        return
      case 'stream-entry': {
        const part = this.#parts
        this.#parts = event.more ? part + 1 : 0
        const where = part === 0 ? [event.id] : [event.id, part]
        take({ name: 'entry', where: where as Part[], what: event.fields, ordinal: this.#ordinal++ })
        return
      }
      case 'module-value':
        if (this.#module === 'value') {
          next('module value', [event.opcode as Part, event.value])
          return
        }
        if (this.#module === 'aux') return
        tell('metadata', [this.#metadata, this.#ordinal++], [event.opcode as Part, event.value])
        return
      case 'key-meta':
        this.#module = 'metadata'
        this.#metadata = event.name as Part
        this.#ordinal = 0
        tell('metadata', [this.#metadata], [event.version, event.flags])
        return
      case 'module-aux':
        this.#module = 'aux'
        return
      case 'key':
        this.#module = 'value'
        this.#ordinal = 0
        return
      case 'key-end':
        this.#ordinal = 0
        return
      default:
        this.#stream(event, tell)
        return
    }
  }

  #stream(
    event: RdbEvent,
    tell: (name: FactName, where: readonly Part[], what: readonly Part[]) => void,
  ): void {
    const { counters, consumerTimes } = this.#rules
    switch (event.kind) {
      case 'stream-state':
        tell('last id', [], [event.lastId as Part])
        if (!counters) return
        tell('largest deleted id', [], [event.maxDeletedId as Part])
        tell('entries ever added', [], [event.entriesAdded])
        return
      case 'stream-group':
        this.#group = event.name
        tell(
          'group',
          [event.name],
          counters ? [event.lastId as Part, event.entriesRead] : [event.lastId as Part],
        )
        return
      case 'group-pending':
        tell('pending entry', [this.#group, event.id as Part], [event.deliveredAt, event.deliveries])
        return
      case 'group-consumer':
        this.#consumer = event.name
        tell('consumer', [this.#group, event.name], consumerTimes ? [event.seenAt, event.activeAt] : [])
        return
      case 'consumer-pending':
        tell('entry pending for consumer', [this.#group, this.#consumer, event.id as Part], [])
        return
      case 'stream-idmp':
        if (!remembersAdded(event)) return
        tell('idempotence settings', [], [event.durationSeconds, event.maxSize])
        return
      case 'idmp-producer':
        this.#producer = event.producer
        return
      case 'idmp-entry':
        tell('idempotence id', [this.#producer, event.iid], [event.id as Part])
        return
      case 'idmp-totals':
        if (!remembersAdded(event)) return
        tell('idempotence totals', [], [event.added, event.duplicates])
        return
      default:
        return
    }
  }
}
