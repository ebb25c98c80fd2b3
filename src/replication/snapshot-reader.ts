/**
 * SnapshotReader: looks inside a snapshot while it passes, and tells its keys.
 *
 * It also knows what the frame around a snapshot cannot: where an RDB ends by its own grammar. What it does
 * not understand it reports once, with the position in the connection; after that it only listens.
 */
import { type ByteString, toText } from '../bytes/byte-string.ts'
import { RdbDecoder, type RdbFault } from '../codec/rdb/decode.ts'
import type { RdbElement, RdbEvent, RdbKey, RdbString } from '../codec/rdb/events.ts'
import type { SnapshotElements, SnapshotKey } from './events.ts'
import type { Exchange } from './exchange.ts'

/**
 * How deep to look: not at all; keys by type and size, their names left empty (the cheapest); keys; keys
 * and values.
 */
export type SnapshotDetail = 'frame' | 'sizes' | 'keys' | 'values'

/** How deep to look, and how long a value may be to be told whole. */
export type SnapshotDepth = { readonly detail: SnapshotDetail; readonly valueBytes: number }

/** Elements of one key that are kept for its event. */
const ELEMENTS_MAX = 10_000

/** What a snapshot says about the stream that follows it. */
export type StreamHint = {
  readonly db: number | undefined
  readonly replid: ByteString | undefined
  readonly offset: number | undefined
}

export class SnapshotReader {
  readonly #exchange: Exchange
  /** Position of the snapshot's first byte in the master's stream. */
  readonly #start: number
  readonly #detail: SnapshotDetail
  readonly #decoder: RdbDecoder | undefined
  readonly #aux = new Map<string, string>()
  #elements: RdbElement[] = []
  #elementCount = 0
  #isTold = false
  #isLost = false
  keys = 0
  rdbVersion: number | undefined
  checksum: 'good' | 'absent' | 'bad' | undefined

  constructor(exchange: Exchange, start: number, { detail, valueBytes }: SnapshotDepth) {
    this.#exchange = exchange
    this.#start = start
    this.#detail = detail
    if (detail === 'frame') return
    this.#decoder = new RdbDecoder({
      detail: detail === 'values' ? 'elements' : detail,
      maxValueBytes: valueBytes,
      onEvent: (event) => this.#event(event),
      onFault: (fault) => this.#fault(fault),
    })
  }

  /** `done`: the RDB has ended by its own grammar. `faulty`: it is not understood, or nobody looks. */
  get state(): 'running' | 'done' | 'faulty' {
    return this.#decoder === undefined || this.#isLost ? 'faulty' : this.#decoder.state
  }

  /** Bytes are missing: nobody looks inside any longer, and that is no fault of the snapshot. */
  lose(): void {
    this.#isLost = true
  }

  /** Feeds bytes of the snapshot (borrowed). Returns how many of them belong to the RDB. */
  push(slice: Buffer): number {
    return this.#decoder === undefined || this.#isLost ? slice.length : this.#decoder.push(slice)
  }

  /** The frame says that the snapshot is over. `extra`: bytes in the frame that came after the RDB. */
  end(extra: number): void {
    if (this.#isLost) return
    this.#decoder?.end()
    if (this.state === 'done' && extra > 0) {
      this.#report('REPL_SNAPSHOT_TOO_LONG', `${extra} bytes follow the end of the RDB within its frame`, 0)
    }
  }

  /** What its aux fields say; all undefined where it has none. */
  get hint(): StreamHint {
    const db = Number(this.#aux.get('repl-stream-db') ?? Number.NaN)
    const offset = Number(this.#aux.get('repl-offset') ?? Number.NaN)
    return {
      db: Number.isSafeInteger(db) && db >= 0 ? db : undefined,
      replid: this.#aux.get('repl-id') as ByteString | undefined,
      offset: Number.isSafeInteger(offset) ? offset : undefined,
    }
  }

  #event(event: RdbEvent): void {
    switch (event.kind) {
      case 'header':
        this.rdbVersion = event.version
        break
      case 'aux':
        this.#auxField(event.name, event.value)
        break
      case 'key':
        this.#elements = []
        this.#elementCount = 0
        break
      case 'key-end':
        this.keys++
        this.#exchange.emit(this.#key(event.of, event.items, event.bytes))
        break
      case 'end':
        this.checksum = event.checksum
        break
      default:
        if (this.#detail === 'values') this.#element(event)
    }
  }

  #auxField(name: RdbString, value: RdbString): void {
    if (typeof name === 'string' && typeof value === 'string' && name.startsWith('repl-')) {
      this.#aux.set(name, value)
    }
    const { position } = this.#decoder!
    this.#exchange.emit({ kind: 'snapshot-aux', ...this.#origin(position, position), name, value })
  }

  #element(event: RdbEvent): void {
    this.#elementCount++
    if (this.#elements.length < ELEMENTS_MAX) this.#elements.push(event as RdbElement)
  }

  #key(of: RdbKey, items: number, bytes: number): SnapshotKey {
    const value: SnapshotElements | undefined =
      this.#detail === 'values'
        ? { elements: this.#elements, missing: this.#elementCount - this.#elements.length }
        : undefined
    const { db, key, type, encoding, expireAt } = of
    const from = this.#start + of.position
    return {
      kind: 'snapshot-key',
      link: 0,
      conn: this.#exchange.conn,
      side: 'master',
      at: this.#exchange.now,
      from,
      to: from + bytes,
      db,
      key,
      type,
      encoding,
      items,
      bytes,
      expireAt,
      module: of.module?.name,
      value,
    }
  }

  #fault(fault: RdbFault): void {
    const key = fault.key === undefined ? '' : ` of key ${keyText(fault.key)}`
    const { keys } = fault
    const detail = `${fault.detail}, while reading ${fault.reading}${key} (byte ${fault.position} of the snapshot); ${keys} keys before it are good`
    this.#report(fault.code, detail, fault.position)
  }

  #report(code: string, detail: string, position: number): void {
    if (this.#isTold) return
    this.#isTold = true
    const at = this.#start + position
    this.#exchange.emit({
      kind: 'fault',
      ...this.#origin(position, position),
      code,
      detail,
      position: at,
      fatal: false,
    })
  }

  #origin(from: number, to: number) {
    return this.#exchange.origin('master', this.#start + from, this.#start + to)
  }
}

function keyText(key: RdbString): string {
  const shown = typeof key === 'string' ? key : key.preview
  return JSON.stringify(toText(shown) ?? shown)
}
