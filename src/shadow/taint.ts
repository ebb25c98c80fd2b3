/**
 * Taint: keys of which the reference does not know what they hold, because a command failed in it that a
 * newer server understands.
 *
 *   HPEXPIREAT k …  fails        k is tainted
 *   RENAME k other               other too: taint goes on to whatever is made from it
 *   DEL k · FLUSHALL             what is gone is gone on both sides
 */
import type { ByteString } from '../bytes/byte-string.ts'
import { ByKey } from './by-key.ts'
import { movedBy, swappedBy, touchedBy } from './key-journal.ts'
import type { UnitCommand } from './unit.ts'

const FAILURES_SHOWN = 3
const KEYS_MAX = 100_000
const DELETING = new Set(['DEL', 'UNLINK'])
/** They work on many keys, each for itself. */
const SEPARATE = new Set(['MSET', 'MSETNX', 'TOUCH'])

export class Taint {
  readonly #keys = new ByKey<true>()
  #failed: UnitCommand | undefined
  #failures = 0

  get size(): number {
    return this.#keys.size
  }

  get isTooMuch(): boolean {
    return this.#keys.size > KEYS_MAX
  }

  has(db: number, key: ByteString): boolean {
    return this.#keys.size > 0 && this.#keys.has(db, key)
  }

  /** A command failed; applied() will be told of it all the same. @returns what is to be said of it */
  failed(command: UnitCommand, why: string): string | undefined {
    this.#failed = command
    for (const { db, key } of workedOn(command)) this.#keys.set(db, key, true)
    if (++this.#failures > FAILURES_SHOWN) return undefined
    const more = this.#failures === FAILURES_SHOWN ? '; further ones are not told' : ''
    return (
      `${command.name} at offset ${command.start} fails in the reference (${why}): its keys are not ` +
      `compared from there on${more}`
    )
  }

  applied(command: UnitCommand): void {
    if (this.#keys.size === 0 || command === this.#failed) return
    const { name, db } = command
    const swapped = swappedBy(command)
    if (swapped !== undefined) this.#keys.swap(...swapped)
    else if (name === 'FLUSHALL') this.#keys.clear()
    else if (name === 'FLUSHDB') this.#keys.clear(db)
    else if (DELETING.has(name)) for (const key of touchedBy(command)) this.#keys.delete(db, key)
    else if (!SEPARATE.has(name)) this.#spread(workedOn(command))
  }

  clear(): void {
    this.#keys.clear()
    this.#failed = undefined
  }

  #spread(keys: readonly Place[]): void {
    if (keys.length < 2 || !keys.some(({ db, key }) => this.#keys.has(db, key))) return
    for (const { db, key } of keys) this.#keys.set(db, key, true)
  }
}

type Place = { readonly db: number; readonly key: ByteString }

function workedOn(command: UnitCommand): Place[] {
  return [...touchedBy(command).map((key) => ({ db: command.db, key })), ...movedBy(command)]
}
