/**
 * A stream as JSON, event by event.
 *
 *   {"entries":[["1-0",{"field":"value"}],…],"lastId":"1-0","length":1,
 *    "firstId":"1-0","maxDeletedId":"0-0","entriesAdded":1,                    from 7.0 on
 *    "groups":[{"name":"g","lastId":"1-0","entriesRead":1,
 *       "pending":[{"id":"1-0","deliveredAt":1795232264000,"deliveries":1}],
 *       "consumers":[{"name":"c","seenAt":1795232264000,"activeAt":1795232264000,"pending":["1-0"]}]}],
 *    "idempotence":{"durationSeconds":100,"maxSize":100,"added":1,"duplicates":0,
 *       "producers":[{"producer":"p","entries":[["iid","1-0"]]}]}}                 from 8.6 on
 *
 * An entry is [id, [{"field": …, "value": …}, …]] where a field name is not UTF-8 or stands twice, which XADD
 * allows, or where the entry is too large to be told at once. What the snapshot does not store is absent;
 * an unknown entriesRead, and the activeAt of a consumer that never was, are null.
 */
import { type ByteString, toText } from '../bytes/byte-string.ts'
import type { ByteWriter } from '../bytes/byte-writer.ts'
import type { LongValue, RdbElement, RdbString } from '../codec/rdb/events.ts'
import type { HeldOutput } from './held-output.ts'
import { putJsonString } from './json-text.ts'
import type { KeptValue } from './value-decoder.ts'

type Entry = Extract<RdbElement, { kind: 'stream-entry' }>

export class StreamJson {
  readonly #held: HeldOutput
  readonly #out: ByteWriter
  /** The last entry goes on. */
  #isEntryOpen = false
  /** What must be closed before something else can follow. */
  #close = ''
  /** Whether something stands before in the list that is open. */
  #isFirst = true
  #isFirstGroup = true
  /** Field names too long for memory: entries share them. */
  readonly #longNames = new Set<KeptValue>()

  constructor(held: HeldOutput) {
    this.#held = held
    this.#out = held.writer
  }

  begin(): void {
    this.#put('{"entries":[')
    this.#close = ']'
    this.#isFirst = true
    this.#isFirstGroup = true
  }

  event(event: RdbElement): void {
    switch (event.kind) {
      case 'stream-entry':
        this.#entry(event)
        return
      case 'stream-state': {
        const { lastId, firstId, maxDeletedId, length, entriesAdded } = event
        this.#put(`],"lastId":"${lastId}","length":${integer(length)}`)
        if (firstId !== undefined) this.#put(`,"firstId":"${firstId}","maxDeletedId":"${maxDeletedId}"`)
        if (entriesAdded !== undefined) this.#put(`,"entriesAdded":${integer(entriesAdded)}`)
        this.#put(',"groups":[')
        this.#close = ''
        return
      }
      case 'stream-group':
        this.#put(`${this.#close}${this.#isFirstGroup ? '' : ','}{"name":`)
        this.#isFirstGroup = false
        this.#string(event.name)
        this.#put(`,"lastId":"${event.lastId}"`)
        if (event.entriesRead !== undefined) {
          this.#put(`,"entriesRead":${event.entriesRead === -1 ? null : integer(event.entriesRead)}`)
        }
        this.#put(',"pending":[')
        this.#isFirst = true
        this.#close = '],"consumers":[]}'
        return
      case 'group-pending':
        this.#comma()
        this.#put(`{"id":"${event.id}","deliveredAt":${event.deliveredAt}`)
        this.#put(`,"deliveries":${integer(event.deliveries)}}`)
        return
      case 'group-consumer': {
        const isFirst = this.#close === '],"consumers":[]}'
        this.#put(isFirst ? '],"consumers":[{"name":' : ']},{"name":')
        this.#string(event.name)
        this.#put(`,"seenAt":${event.seenAt}`)
        if (event.activeAt !== undefined) {
          this.#put(`,"activeAt":${event.activeAt === -1 ? null : event.activeAt}`)
        }
        this.#put(',"pending":[')
        this.#isFirst = true
        this.#close = ']}]}'
        return
      }
      case 'consumer-pending':
        this.#comma()
        this.#put(`"${event.id}"`)
        return
      case 'stream-idmp':
        this.#put(`${this.#close}],"idempotence":{"durationSeconds":${integer(event.durationSeconds)}`)
        this.#put(`,"maxSize":${integer(event.maxSize)},"producers":[`)
        this.#isFirstGroup = true
        this.#close = ''
        return
      case 'idmp-producer':
        this.#put(`${this.#close}${this.#isFirstGroup ? '' : ','}{"producer":`)
        this.#isFirstGroup = false
        this.#string(event.producer)
        this.#put(',"entries":[')
        this.#isFirst = true
        this.#close = ']}'
        return
      case 'idmp-entry':
        this.#comma()
        this.#put('[')
        this.#string(event.iid)
        this.#put(`,"${event.id}"]`)
        return
      case 'idmp-totals':
        this.#put(`${this.#close}],"added":${integer(event.added)},"duplicates":${integer(event.duplicates)}`)
        this.#close = '}'
        return
    }
  }

  end(): void {
    for (const name of this.#longNames) this.#held.close(name)
    this.#longNames.clear()
    this.#put(this.#close === '}' ? '}}' : `${this.#close}]}`)
  }

  #entry({ id, fields, more }: Entry): void {
    const isContinued = this.#isEntryOpen
    this.#isEntryOpen = more
    if (!isContinued) {
      this.#comma()
      this.#put(`["${id}",`)
      if (!more && isObject(fields)) {
        this.#object(fields)
        return
      }
      this.#put('[')
    }
    for (let i = 0; i + 1 < fields.length; i += 2) {
      this.#put(i > 0 || isContinued ? ',{"field":' : '{"field":')
      this.#fieldName(fields[i]!)
      this.#put(',"value":')
      this.#string(fields[i + 1]!)
      this.#put('}')
    }
    if (!more) this.#put(']]')
  }

  #object(fields: readonly RdbString[]): void {
    this.#put('{')
    for (let i = 0; i + 1 < fields.length; i += 2) {
      if (i > 0) this.#put(',')
      putJsonString(this.#out, fields[i] as ByteString)
      this.#put(':')
      this.#string(fields[i + 1]!)
    }
    this.#put('}]')
  }

  #string(value: RdbString): void {
    if (typeof value === 'string') putJsonString(this.#out, value)
    else {
      this.#held.long(value as KeptValue)
      this.#held.close(value as KeptValue)
    }
  }

  #fieldName(name: RdbString): void {
    if (typeof name === 'string') putJsonString(this.#out, name)
    else {
      this.#held.long(name as KeptValue)
      this.#longNames.add(name as KeptValue)
    }
  }

  #comma(): void {
    if (!this.#isFirst) this.#put(',')
    this.#isFirst = false
  }

  #put(text: string): void {
    this.#out.put(text as ByteString)
  }
}

/** Whether a JSON object of them loses nothing. */
function isObject(fields: readonly RdbString[]): boolean {
  const names = new Set<string>()
  for (let i = 0; i < fields.length; i += 2) {
    const name: ByteString | LongValue = fields[i]!
    if (typeof name !== 'string' || toText(name) === undefined) return false
    names.add(name)
  }
  return names.size * 2 === fields.length
}

function integer(value: number | bigint): string {
  return typeof value === 'bigint' ? `"${value}"` : String(value)
}
