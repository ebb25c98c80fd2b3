/**
 * ExpiryCycle: deletes expired keys that nobody asks for, without looking at all keys.
 *
 *   ten times a second, for each database: look at 20 keys that have a deadline; delete the expired ones;
 *   if more than a tenth of them had expired, look at 20 more; stop when the time for this turn is used up
 *
 * So what has expired and still takes memory is kept to about a tenth of the keys with deadlines, at a
 * bounded cost. Each key that goes is a unit of its own. Where a turn ends the next one begins: no database
 * starves.
 *
 * Source: redis 7.0 `src/expire.c`, activeExpireCycle.
 */
import type { Database } from './dataset/database.ts'
import type { ServerState } from './server-state.ts'

const SAMPLE = 20
/** Share of a sample that is tolerated. */
const STALE_SHARE = 0.1
/** A quarter of the time between two turns may be spent. */
const TURN_SHARE = 0.25

export class ExpiryCycle {
  readonly #server: ServerState
  #next = 0
  /** DEBUG SET-ACTIVE-EXPIRE 0 */
  isOn = true
  /** Share of expired keys among those looked at, in percent, smoothed. */
  stalePercent = 0
  turnsCutShort = 0
  spentMicros = 0

  constructor(server: ServerState) {
    this.#server = server
  }

  /** One turn. @param periodMicros the time until the next one */
  turn(periodMicros: number): void {
    const { clock, databases, isReplica, pause } = this.#server
    if (!this.isOn || isReplica || pause.isOn) return
    const began = clock.now()
    const until = began + periodMicros * TURN_SHARE
    for (let left = databases.length; left > 0; left--) {
      const db = databases[this.#next++ % databases.length]!
      while (this.#sample(db) && clock.now() < until);
      if (clock.now() < until) continue
      this.turnsCutShort++
      break
    }
    this.spentMicros += clock.now() - began
  }

  /** @returns whether another look is worth it */
  #sample(db: Database): boolean {
    const { execution, random } = this.#server
    const { expiring } = db
    const looks = Math.min(SAMPLE, expiring.length)
    let expired = 0
    for (let i = 0; i < looks && expiring.length > 0; i++) {
      // Few keys are all looked at, from the end, so that none is missed by chance.
      const slot = looks < SAMPLE ? looks - 1 - i : random.below(expiring.length)
      const entry = expiring.items[slot]
      if (entry === undefined) continue
      if (execution.run('expiry', () => execution.hasGone(db, entry))) expired++
    }
    if (looks === 0) return false
    this.stalePercent = this.stalePercent * 0.95 + (expired / looks) * 100 * 0.05
    return expired > looks * STALE_SHARE
  }
}
