/**
 * What a snapshot says about itself and is counted on the way: version, who wrote it and when, databases,
 * functions, how it ended. Fed with all events of a decoder; looks only at the rare ones and at the end of
 * keys.
 */
import { type ByteString, readable, toText } from '../bytes/byte-string.ts'
import type { RdbEnd, RdbEvent, RdbHeader, RdbString } from '../codec/rdb/events.ts'

/** Header fields that are kept, and their length: no honest file has more. */
const AUX_MAX = 64
const AUX_TEXT_MAX = 200

export type DatabaseCounts = { keys: number; expiring: number }

export class Origin {
  header: RdbHeader | undefined
  end: RdbEnd | undefined
  keys = 0
  functions = 0
  readonly aux = new Map<string, RdbString>()
  /** Names of modules with data beside the keys. */
  readonly modules = new Set<string>()
  readonly databases = new Map<number, DatabaseCounts>()
  #db = -1
  #counts: DatabaseCounts = { keys: 0, expiring: 0 }

  event(event: RdbEvent): void {
    switch (event.kind) {
      case 'key-end':
        this.key(event.of.db, event.of.expireAt !== undefined)
        return
      case 'header':
        this.header = event
        return
      case 'aux':
        if (this.aux.size < AUX_MAX) this.aux.set(shown(event.name), event.value)
        return
      case 'function':
        this.functions++
        return
      case 'module-aux':
        this.modules.add(event.module.name)
        return
      case 'end':
        this.end = event
    }
  }

  /** Counts a key. Those that are told by events are counted with them. */
  key(db: number, expires: boolean): void {
    this.keys++
    if (db !== this.#db) this.#select(db)
    this.#counts.keys++
    if (expires) this.#counts.expiring++
  }

  /** `Redis 7.0.15`, `Valkey 8.1.1`; undefined where the file does not say. */
  get writer(): string | undefined {
    const valkey = this.aux.get('valkey-ver')
    const version = valkey ?? this.aux.get('redis-ver')
    if (version === undefined) return undefined
    const isValkey = valkey !== undefined || this.header?.family === 'valkey'
    return `${isValkey ? 'Valkey' : 'Redis'} ${shown(version)}`
  }

  /** `version 10 (Redis 7.0.15)` */
  get versionText(): string {
    const { header, writer } = this
    if (header === undefined) return 'unknown version'
    const doubt = header.known ? '' : ', newer than known'
    const who = writer === undefined ? '' : ` (${writer})`
    return `${header.family === 'valkey' ? 'Valkey version' : 'version'} ${header.version}${doubt}${who}`
  }

  /** The header fields as they may be printed. */
  auxTexts(): [name: string, value: string][] {
    return [...this.aux].map(([name, value]) => [name, shown(value)])
  }

  /** For JSON. */
  auxJson(): { [name: string]: string } {
    return Object.fromEntries(
      [...this.aux].map(([name, value]) => {
        return [name, typeof value === 'string' ? (toText(value) ?? shown(value)) : shown(value)]
      }),
    )
  }

  #select(db: number): void {
    this.#db = db
    let counts = this.databases.get(db)
    if (counts === undefined) {
      counts = { keys: 0, expiring: 0 }
      this.databases.set(db, counts)
    }
    this.#counts = counts
  }
}

/** A string of a snapshot on one line: readable, and cut where it is long. */
export function shown(value: RdbString, longest = AUX_TEXT_MAX): string {
  const text = typeof value === 'string' ? value : value.preview
  const length = typeof value === 'string' ? value.length : value.bytes
  if (length <= longest) return readable(text)
  return `${readable(text.slice(0, longest) as ByteString)}… (${length} B)`
}
