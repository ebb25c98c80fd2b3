/**
 * Transaction: what a client has queued between MULTI and EXEC.
 *
 *   MULTI ─► queue … queue ─► EXEC runs all of it, or nothing: a command was refused (isBroken), or a watched
 *                             key has changed (Session.watchFailed)
 *
 * What EXEC is refused for is known while queueing: the flags of all commands together.
 */
import type { ByteString } from '../bytes/byte-string.ts'
import type { Command, CommandFlag } from './command-spec.ts'
import type { Session } from './session.ts'

/** The commands queued since MULTI. */
export class Transaction {
  readonly queue: { readonly command: Command; readonly argv: readonly ByteString[] }[] = []
  /** A command was refused while queueing: EXEC must fail. */
  isBroken = false
  /** Flags of the queued commands: EXEC is refused where one of them would be. */
  readonly flags = new Set<CommandFlag>()

  /** One of the queued commands has not the flag that lets it run then. */
  deniesLoading = false
  deniesStale = false

  add(command: Command, argv: readonly ByteString[]): void {
    this.queue.push({ command, argv })
    this.deniesLoading ||= !command.flags.has('loading')
    this.deniesStale ||= !command.flags.has('stale')
    for (const flag of command.flags) this.flags.add(flag)
  }
}

/** A transaction is over, run or not: nothing is queued or watched any more. */
export function leaveTransaction(session: Session): void {
  session.transaction = undefined
  session.server.watches.unwatch(session)
  session.watchFailed = false
}
