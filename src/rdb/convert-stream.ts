/**
 * A stream as the commands that rebuild it, its groups included.
 *
 *   XADD key id …                    every entry, with its own id
 *   XGROUP CREATE, CREATECONSUMER    groups and consumers
 *   XCLAIM … TIME RETRYCOUNT FORCE   who was given what, when and how often
 *   XSETID                           last id, entries ever added, largest deleted id
 *
 * A consumer may owe an entry that was deleted since. XCLAIM refuses ids that are not there, and XADD
 * refuses ids below the last: so such an entry is added in its place among the others, claimed, and then
 * deleted; those from before the first entry are trimmed, because a deletion would be remembered as the
 * largest deleted id.
 *
 * When a consumer was last seen cannot be told to a server. Source: redis 7.0 `src/aof.c`,
 * rewriteStreamObject, and `src/t_stream.c`.
 */
import type { ByteString } from '../bytes/byte-string.ts'
import type { RdbEvent, RdbStreamState, RdbString, StreamId } from '../codec/rdb/events.ts'
import type { CommandOutput } from './convert-commands.ts'
import type { Dialect } from './convert-dialect.ts'
import { isBefore, PendingTable } from './convert-pending.ts'

const CLAIM_IDS_MAX = 256
const DELETE_IDS_MAX = 256
const NO_ID: StreamId = '0-0'
const FIRST_ID: StreamId = '0-1'

export class StreamCommands {
  readonly #out: CommandOutput
  readonly #dialect: Dialect
  readonly #key: ByteString
  /** Ids that some consumer owes. */
  readonly #owed: PendingTable
  #nextOwed = 0
  /** Entries that stand in for deleted ones, behind the first that is not: to be deleted. */
  readonly #standIns: StreamId[] = []
  /** The same before the first entry: to be trimmed. */
  #standInsBefore = 0
  #entries = 0
  #fields: RdbString[] = []
  #state: RdbStreamState | undefined
  /** Of the present group. */
  #group: ByteString = '' as ByteString
  readonly #pending = new PendingTable()
  #consumer: ByteString = '' as ByteString
  readonly #claim: { ids: StreamId[]; deliveredAt: number; deliveries: number } = {
    ids: [],
    deliveredAt: 0,
    deliveries: 0,
  }

  constructor(out: CommandOutput, dialect: Dialect, key: ByteString, owed: PendingTable) {
    this.#out = out
    this.#dialect = dialect
    this.#key = key
    this.#owed = owed
  }

  /** Elements of the stream in the order of the snapshot; strings must be held. */
  add(event: RdbEvent): void {
    switch (event.kind) {
      case 'stream-entry':
        this.#fields.push(...event.fields)
        if (event.more) return
        this.#standInsUpTo(event.id)
        this.#out.commandOf(['XADD', this.#key, event.id], this.#fields as ByteString[])
        this.#fields = []
        this.#entries++
        return
      case 'stream-state':
        this.#state = event
        this.#standInsUpTo(undefined)
        if (this.#entries + this.#standIns.length + this.#standInsBefore === 0) this.#empty(event.lastId)
        return
      case 'stream-group':
        this.#endGroup()
        this.#group = event.name as ByteString
        this.#pending.clear()
        this.#createGroup(event.lastId, event.entriesRead)
        return
      case 'group-pending':
        this.#pending.add(event.id, event.deliveredAt, Number(event.deliveries))
        return
      case 'group-consumer':
        this.#flushClaim()
        this.#consumer = event.name as ByteString
        this.#createConsumer(event.pending > 0)
        return
      case 'consumer-pending':
        this.#claimOne(event.id)
        return
      default:
        return
    }
  }

  end(): void {
    this.#endGroup()
    const { lastId, length, entriesAdded, maxDeletedId } = this.#state!
    for (let at = 0; at < this.#standIns.length; at += DELETE_IDS_MAX) {
      this.#out.commandOf(['XDEL', this.#key], this.#standIns.slice(at, at + DELETE_IDS_MAX))
    }
    if (this.#standInsBefore > 0) this.#out.command('XTRIM', this.#key, 'MAXLEN', this.#entries)
    const counters = ['ENTRIESADDED', String(entriesAdded ?? length), 'MAXDELETEDID', maxDeletedId ?? NO_ID]
    this.#out.commandOf(['XSETID', this.#key, lastId], this.#dialect.streamCounters ? counters : [])
  }

  /** Adds what is owed and not there, up to an entry that is; undefined: all that is left. */
  #standInsUpTo(id: StreamId | undefined): void {
    const owed = this.#owed
    for (; this.#nextOwed < owed.length; this.#nextOwed++) {
      const missing = owed.idAt(this.#nextOwed)
      if (this.#nextOwed > 0 && owed.idAt(this.#nextOwed - 1) === missing) continue
      if (id === missing) continue
      if (id !== undefined && !isBefore(missing, id)) return
      this.#out.command('XADD', this.#key, missing, '-', '-')
      if (this.#entries === 0) this.#standInsBefore++
      else this.#standIns.push(missing)
    }
  }

  #empty(lastId: StreamId): void {
    this.#out.command('XADD', this.#key, 'MAXLEN', 0, lastId === NO_ID ? FIRST_ID : lastId, '-', '-')
  }

  #createGroup(lastId: StreamId, entriesRead: number | bigint | undefined): void {
    const words = ['XGROUP', 'CREATE', this.#key, this.#group, lastId]
    const hasCounter = this.#dialect.streamCounters && entriesRead !== undefined
    this.#out.commandOf(words, hasCounter ? ['ENTRIESREAD', String(entriesRead)] : [])
  }

  #createConsumer(owes: boolean): void {
    const { createsConsumers } = this.#dialect
    if (createsConsumers)
      this.#out.command('XGROUP', 'CREATECONSUMER', this.#key, this.#group, this.#consumer)
    // Asking for its own past delivers nothing and makes the consumer known.
    else if (!owes) {
      this.#out.command(
        'XREADGROUP',
        'GROUP',
        this.#group,
        this.#consumer,
        'COUNT',
        1,
        'STREAMS',
        this.#key,
        0,
      )
    }
  }

  #claimOne(id: StreamId): void {
    const row = this.#pending.find(id)
    const deliveredAt = row < 0 ? 0 : this.#pending.deliveredAt(row)
    const deliveries = row < 0 ? 1 : this.#pending.deliveries(row)
    const claim = this.#claim
    if (
      claim.deliveredAt !== deliveredAt ||
      claim.deliveries !== deliveries ||
      claim.ids.length >= CLAIM_IDS_MAX
    ) {
      this.#flushClaim()
    }
    claim.ids.push(id)
    claim.deliveredAt = deliveredAt
    claim.deliveries = deliveries
  }

  #flushClaim(): void {
    const { ids, deliveredAt, deliveries } = this.#claim
    if (ids.length === 0) return
    const who = ['XCLAIM', this.#key, this.#group, this.#consumer, '0', ...ids]
    const how = ['TIME', String(deliveredAt), 'RETRYCOUNT', String(deliveries), 'FORCE', 'JUSTID']
    this.#out.commandOf(who, how)
    ids.length = 0
  }

  #endGroup(): void {
    this.#flushClaim()
  }
}
