/**
 * KeyHistory: each command that touched one key, and what the key held after it.
 *
 *   snapshot @0      "k" = 1
 *   @24..50          INCR k        "k" = 2
 *   @51..80          FLUSHALL      no key
 *
 * Commands that touch every key (FLUSHALL, SWAPDB …) count where the key is there before or after.
 */
import type { ByteString } from '../bytes/byte-string.ts'
import type { Micros } from '../replication/events.ts'
import { NEVER } from '../server/dataset/entry.ts'
import type { Value } from '../server/dataset/value.ts'
import { isWide, movedBy, touchedBy } from './key-journal.ts'
import type { Beginning, FollowerListener } from './link-follower.ts'
import { Shadow, type ShadowOptions } from './shadow.ts'
import type { Unit, UnitCommand } from './unit.ts'

/** What a key holds at some moment; borrowed: it changes with the next command. */
export type Holding = {
  readonly db: number
  /** Undefined: there is no such key. */
  readonly value: Value | undefined
  /** Unix milliseconds. */
  readonly expireAt: number | undefined
}

export type HistoryListener = {
  /** The dataset began, or began anew. */
  begins(offset: number, at: Micros, holdings: readonly Holding[]): void
  /** @param why the command failed, in Redis's words */
  touched(command: UnitCommand, holding: Holding, why: string | undefined): void
  lost(why: string, offset: number | undefined): void
}

export class KeyHistory implements FollowerListener {
  readonly #key: ByteString
  readonly #listener: HistoryListener
  readonly #shadow: Shadow
  /** Databases that had the key before a command that touches all. */
  #before: ReadonlySet<number> | undefined
  #why: string | undefined

  /** @param onFailure of any command, touching the key or not */
  constructor(key: ByteString, listener: HistoryListener, onFailure: ShadowOptions['onFailure']) {
    this.#key = key
    this.#listener = listener
    this.#shadow = new Shadow({
      onFailure: (command, why) => {
        this.#why = why
        onFailure?.(command, why)
      },
      onApplied: (command) => this.#applied(command),
    })
  }

  begin(beginning: Beginning): void {
    this.#shadow.begin(beginning)
    const { offset, at } = beginning
    this.#listener.begins(offset, at, this.#holdings())
  }

  unit(unit: Unit): void {
    this.#before = unit.commands.some(isWide) ? this.#holders() : undefined
    this.#shadow.apply(unit)
  }

  lost(why: string, offset: number | undefined): void {
    this.#listener.lost(why, offset)
  }

  #applied(command: UnitCommand): void {
    const why = this.#why
    this.#why = undefined
    const { db } = command
    if (isWide(command)) this.#swept(command)
    else if (touchedBy(command).includes(this.#key)) this.#tell(command, db, why)
    for (const moved of movedBy(command)) {
      if (moved.key === this.#key && moved.db !== db) this.#tell(command, moved.db, why)
    }
    if (this.#before !== undefined) this.#before = this.#holders()
  }

  #swept(command: UnitCommand): void {
    const before = this.#before ?? new Set()
    const after = this.#holders()
    const isSwap = command.name === 'SWAPDB'
    const named = command.argv.slice(1).map(Number)
    for (const db of new Set([...before, ...after])) {
      const isMeant = isSwap ? named.includes(db) : command.name === 'FLUSHALL' || command.db === db
      if (isMeant) this.#tell(command, db, undefined)
    }
  }

  #tell(command: UnitCommand, db: number, why: string | undefined): void {
    if (command.isWanted) this.#listener.touched(command, this.#holding(db), why)
  }

  #holding(db: number): Holding {
    const entry = this.#shadow.databases[db]?.peek(this.#key)
    const { expireAt = NEVER } = entry ?? {}
    return { db, value: entry?.value, expireAt: expireAt === NEVER ? undefined : expireAt }
  }

  #holders(): Set<number> {
    const { databases } = this.#shadow
    const holders = databases.filter((db) => db.size > 0 && db.peek(this.#key) !== undefined)
    return new Set(holders.map(({ index }) => index))
  }

  #holdings(): Holding[] {
    return [...this.#holders()].map((db) => this.#holding(db))
  }
}
