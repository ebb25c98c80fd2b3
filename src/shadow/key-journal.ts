/**
 * KeyJournal: which commands of the stream touched a key since it was last seen to agree.
 *
 *   touched(db 0, "k", @100..150 SET k v) ─► … ─► agreed(db 0, "k")  forgets them
 *                                            └─► of(db 0, "k")       the first few, the last few, how many
 *
 * Bounded twice: of one key the first and last commands are kept; of too many keys the one (of its database)
 * that was touched first is forgotten, which is remembered: what is told of any key may be incomplete before
 * that offset.
 */
import type { ByteString } from '../bytes/byte-string.ts'
import { KeptCommand } from '../codec/resp/command.ts'
import { keysOf } from '../replication/command-keys.ts'
import type { Micros } from '../replication/events.ts'
import { ByKey } from './by-key.ts'
import type { UnitCommand } from './unit.ts'

/** Kept of one key: so many of the first and as many of the last commands. */
const END_COMMANDS = 4
const KEYS_MAX = 200_000
/** FLUSHALL and the like, which touch every key. */
const WIDE_MAX = 16
const ARGUMENTS_MAX = 8
const ARGUMENT_BYTES = 64

/** A command in short: its first arguments, each cut. */
export type Touch = {
  readonly start: number
  readonly end: number
  readonly at: Micros
  readonly argv: readonly ByteString[]
  /** Arguments that are not kept. */
  readonly missing: number
}

export type Touches = {
  readonly commands: readonly Touch[]
  /** How many there were; more than are listed where they did not fit. */
  readonly count: number
  /** Offset up to which commands may have been forgotten. */
  readonly incompleteUpTo: number | undefined
}

/** A command that touches every key of these databases; of all where none is named. */
type Wide = { readonly touch: Touch; readonly dbs: readonly number[] }
type Kept = { readonly first: Touch[]; last: Touch[]; count: number }

const WIDE = new Set(['FLUSHALL', 'FLUSHDB', 'SWAPDB'])

export class KeyJournal {
  readonly #keys = new ByKey<Kept>()
  #wide: Wide[] = []
  #incompleteUpTo: number | undefined
  readonly #keysMax: number

  constructor(keysMax = KEYS_MAX) {
    this.#keysMax = keysMax
  }

  note(command: UnitCommand): void {
    const touch = shortOf(command)
    if (isWide(command)) {
      this.#sweep(command, touch)
      return
    }
    for (const key of touchedBy(command)) this.#note(command.db, key, touch)
    for (const { db, key } of movedBy(command)) this.#note(db, key, touch)
  }

  /** The key was compared, and is the same on both sides. */
  agreed(db: number, key: ByteString): void {
    this.#keys.delete(db, key)
  }

  /** What touched the key behind offset `since`. */
  of(db: number, key: ByteString, since: number): Touches {
    const kept = this.#keys.get(db, key)
    const isMeant = ({ touch, dbs }: Wide) => touch.start >= since && (dbs.length === 0 || dbs.includes(db))
    const wide = this.#wide.filter(isMeant).map(({ touch }) => touch)
    const own = kept === undefined ? [] : [...kept.first, ...kept.last]
    const commands = [...own, ...wide].sort((a, b) => a.start - b.start)
    const lost = this.#incompleteUpTo
    return {
      commands,
      count: (kept?.count ?? 0) + wide.length,
      incompleteUpTo: lost !== undefined && lost > since ? lost : undefined,
    }
  }

  clear(): void {
    this.#keys.clear()
    this.#wide = []
    this.#incompleteUpTo = undefined
  }

  /** What touches all keys: of all databases, its own, or the two that it names. */
  #sweep(command: UnitCommand, touch: Touch): void {
    const swapped = swappedBy(command)
    if (swapped !== undefined) this.#keys.swap(...swapped)
    this.#wide.push({ touch, dbs: swapped ?? (command.name === 'FLUSHALL' ? [] : [command.db]) })
    if (this.#wide.length > WIDE_MAX) this.#wide.shift()
  }

  #note(db: number, key: ByteString, touch: Touch): void {
    const kept = this.#keys.get(db, key)
    if (kept === undefined) {
      this.#keys.set(db, key, { first: [touch], last: [], count: 1 })
      if (this.#keys.size > this.#keysMax) this.#forget(db)
      return
    }
    kept.count++
    if (kept.first.length < END_COMMANDS) kept.first.push(touch)
    else {
      kept.last.push(touch)
      if (kept.last.length > END_COMMANDS) kept.last.shift()
    }
  }

  #forget(db: number): void {
    const kept = this.#keys.shift(db)!
    const { end } = kept.last.at(-1) ?? kept.first.at(-1)!
    this.#incompleteUpTo = Math.max(this.#incompleteUpTo ?? 0, end)
  }
}

/** Keys that a command works on, in its own database. */
export function touchedBy({ argv, name }: UnitCommand): readonly ByteString[] {
  return keysOf(new KeptCommand(argv, argv.length, name)) as ByteString[]
}

/** Keys that a command writes in another database than its own. */
export function movedBy({ name, argv }: UnitCommand): readonly { db: number; key: ByteString }[] {
  if (name === 'MOVE' && argv.length === 3) return [{ db: Number(argv[2]), key: argv[1]! }]
  if (name !== 'COPY' || argv.length < 5) return []
  const at = argv.findIndex((word, i) => i > 2 && word.toUpperCase() === 'DB')
  return at < 0 ? [] : [{ db: Number(argv[at + 1]), key: argv[2]! }]
}

/** Whether a command touches every key there is. */
export function isWide({ name }: UnitCommand): boolean {
  return WIDE.has(name)
}

/** The databases that a command lets change places. */
export function swappedBy({ name, argv }: UnitCommand): readonly [number, number] | undefined {
  return name === 'SWAPDB' && argv.length === 3 ? [Number(argv[1]), Number(argv[2])] : undefined
}

function shortOf({ argv, start, end, at }: UnitCommand): Touch {
  const shown = argv.slice(0, ARGUMENTS_MAX).map(shortened)
  return { start, end, at, argv: shown, missing: argv.length - shown.length }
}

/** A copy: a part of a long string would keep the whole of it. */
function shortened(word: ByteString): ByteString {
  if (word.length <= ARGUMENT_BYTES) return word
  const kept = Buffer.from(word.slice(0, ARGUMENT_BYTES), 'latin1').toString('latin1')
  return `${kept}...` as ByteString
}
