/**
 * Histories: which database was selected at which offset of a master's history.
 *
 * A master puts `SELECT n` on the stream only when the database changes, and no SELECT after +CONTINUE: the
 * replica is expected to remember. So do we, per replication id, for all links that share it: a replica
 * that comes back, or another one that attaches in the middle, continues in the right database.
 *
 * Bounded: the newest SELECTs of the newest histories. What is forgotten is unknown until the next SELECT.
 */
import type { ByteString } from '../bytes/byte-string.ts'

const HISTORIES_MAX = 64
const SELECTS_MAX = 4096

type Select = { readonly offset: number; readonly db: number }
type History = { selects: Select[] }

export class Histories {
  readonly #byReplid = new Map<ByteString, History>()

  /** The stream of `replid` selected `db` with a command that ended at `offset`. */
  selected(replid: ByteString, offset: number, db: number): void {
    const { selects } = this.#history(replid)
    const last = selects.at(-1)
    if (last !== undefined && last.offset >= offset) return
    selects.push({ offset, db })
    if (selects.length > SELECTS_MAX) selects.splice(0, SELECTS_MAX / 2)
  }

  /** The database selected after byte `offset`, if a SELECT at or before it was seen. */
  dbAt(replid: ByteString, offset: number): number | undefined {
    const selects = this.#byReplid.get(replid)?.selects ?? []
    for (let i = selects.length - 1; i >= 0; i--) {
      if (selects[i]!.offset <= offset) return selects[i]!.db
    }
    return undefined
  }

  /** A promotion: `replid` shares the history of `before` up to `offset` and goes its own way from there. */
  continues(replid: ByteString, before: ByteString, offset: number): void {
    if (replid === before || this.#byReplid.has(replid)) return
    const shared = this.#history(before).selects.filter((select) => select.offset <= offset)
    this.#remember(replid, { selects: shared })
  }

  #history(replid: ByteString): History {
    return this.#byReplid.get(replid) ?? this.#remember(replid, { selects: [] })
  }

  #remember(replid: ByteString, history: History): History {
    if (this.#byReplid.size >= HISTORIES_MAX) {
      this.#byReplid.delete(this.#byReplid.keys().next().value as ByteString)
    }
    this.#byReplid.set(replid, history)
    return history
  }
}
