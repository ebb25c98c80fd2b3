/**
 * Feed: the effects of a master become the replication stream.
 *
 *   unit ─► SELECT where the database changes ─► MULTI ─► commands ─► EXEC ─► backlog ─► replicas' cursors
 *
 * Two doors, and nothing else ever adds to the offset: `publish` on a master, which writes commands, and
 * `relay` on a replica, which passes on the very bytes it was given: identity of bytes is identity of
 * history.
 *
 * Without a backlog nobody listens, and offsets stand still.
 *
 * Source: redis 7.0 `src/replication.c`, replicationFeedSlaves; `src/server.c`, propagatePendingCommands.
 */
import type { ByteString } from '../../bytes/byte-string.ts'
import type { Effect, EffectLog, EffectUnit } from '../effects.ts'
import type { Backlog } from './backlog.ts'
import type { History } from './history.ts'

/** A command this long is not joined to one string before it is written. */
const JOINED_MAX = 16 * 1024

const MULTI = '*1\r\n$5\r\nMULTI\r\n' as ByteString
const EXEC = '*1\r\n$4\r\nEXEC\r\n' as ByteString
const PING = '*1\r\n$4\r\nping\r\n' as ByteString
const GETACK = '*3\r\n$8\r\nREPLCONF\r\n$6\r\nGETACK\r\n$1\r\n*\r\n' as ByteString

/** Which database the stream speaks of: none, so the next command says it. */
const UNKNOWN_DB = -1

export class Feed {
  readonly #effects: EffectLog
  readonly #history: History
  readonly #backlog: Backlog
  #end: (() => void) | undefined
  #isRelaying = false
  /** The database that was selected last on the stream. */
  selectedDb = UNKNOWN_DB

  constructor(effects: EffectLog, history: History, backlog: Backlog) {
    this.#effects = effects
    this.#history = history
    this.#backlog = backlog
  }

  /** The backlog begins behind the present offset; from now on a master's effects are written to it. */
  open(): void {
    this.#backlog.open(this.#history.offset)
    this.#listen()
  }

  /** On a replica the stream is what its master sends; its own effects (of a writable one) go nowhere. */
  set isRelaying(isRelaying: boolean) {
    this.#isRelaying = isRelaying
    this.#listen()
  }

  /** Nobody follows any longer, and nobody will be able to go on. */
  close(): void {
    this.#backlog.close()
    this.#listen()
  }

  /** The next command says its database: a snapshot has just been begun, whose reader starts anew. */
  forgetDb(): void {
    this.selectedDb = UNKNOWN_DB
  }

  ping(): void {
    this.#say(PING)
  }

  getack(): void {
    this.#say(GETACK)
  }

  /** What the master of this replica sent, once it is applied. */
  relay(bytes: Buffer): void {
    this.#write(bytes)
  }

  /** A word of our own: only a master has one, whoever asks for it (WAIT, SHUTDOWN). */
  #say(word: ByteString): void {
    if (!this.#isRelaying) this.#write(word)
  }

  /** Effects cost something: they are only heard where they are wanted. */
  #listen(): void {
    const isWanted = this.#backlog.isActive && !this.#isRelaying
    if (isWanted) this.#end ??= this.#effects.subscribe((unit) => this.#publish(unit))
    else {
      this.#end?.()
      this.#end = undefined
    }
  }

  #publish({ effects, isAtomic }: EffectUnit): void {
    if (isAtomic) {
      this.#select(effects[0]!.db)
      this.#write(MULTI)
    }
    for (const effect of effects) {
      this.#select(effect.db)
      this.#command(effect)
    }
    if (isAtomic) this.#write(EXEC)
  }

  #select(db: number): void {
    if (db === this.selectedDb) return
    this.selectedDb = db
    const name = String(db)
    this.#write(`*2\r\n$6\r\nSELECT\r\n$${name.length}\r\n${name}\r\n` as ByteString)
  }

  #command({ argv }: Effect): void {
    let text = `*${argv.length}\r\n`
    for (const word of argv) {
      text += `$${word.length}\r\n`
      if (text.length + word.length > JOINED_MAX) {
        this.#write(text as ByteString)
        this.#write(word)
        text = '\r\n'
      } else text += `${word}\r\n`
    }
    this.#write(text as ByteString)
  }

  #write(piece: ByteString | Buffer): void {
    if (!this.#backlog.isActive) return
    this.#backlog.append(piece)
    this.#history.offset += piece.length
  }
}
