/**
 * Unit: what of the stream takes effect as one step: a command, a whole transaction, or nothing at all (a
 * PING). A replica's offset only ever stands between two units.
 *
 *   @24..92  SET k v        one command
 *   @93..198 MULTI INCR n RPUSH l x EXEC        two, and none of them before EXEC
 *   @199..212 PING        none
 */
import type { ByteString } from '../bytes/byte-string.ts'
import type { Micros } from '../replication/events.ts'

export type UnitCommand = {
  /** In upper case. */
  readonly name: string
  readonly argv: readonly ByteString[]
  readonly db: number
  /** Offsets before its first byte and behind its last. */
  readonly start: number
  readonly end: number
  readonly at: Micros
  /** Number of its transaction within its connection. */
  readonly tx: number | undefined
  /** Whoever listens wants to see it (a filter). */
  readonly isWanted: boolean
}

export type Unit = {
  readonly start: number
  readonly end: number
  readonly at: Micros
  /** Without MULTI, EXEC, SELECT, PING and the like. */
  readonly commands: readonly UnitCommand[]
}

/** What a unit costs in memory while it waits, about. */
export function unitBytes({ commands, start, end }: Unit): number {
  return end - start + UNIT_COST + commands.length * COMMAND_COST
}

const UNIT_COST = 120
const COMMAND_COST = 200
