/**
 * MasterSession: the session in whose name the commands of our master run: its database, its open
 * transaction. CLIENT LIST shows it with the flag M.
 *
 * Its bytes are read by the link's conversation (link-connection.ts), not here; and whatever a command
 * answers is dropped, because a master expects no replies.
 */
import type { Peer } from '../../ports.ts'
import type { Executor } from '../executor.ts'
import type { ServerState } from '../server-state.ts'
import { Session } from '../session.ts'

export class MasterSession extends Session {
  readonly #onClosed: () => void
  /** Bytes of an open transaction, or of a command that is not whole. */
  keptBytes = 0

  /** @param onClosed called where somebody ends it (CLIENT KILL) */
  constructor(server: ServerState, executor: Executor, peer: Peer, onClosed: () => void) {
    super(server, executor, peer)
    this.#onClosed = onClosed
  }

  /** What has come and is not applied is with the link (upstream.ts); it is limited as a client's is. */
  override get unreadBytes(): number {
    return this.keptBytes
  }

  override get isMaster(): boolean {
    return true
  }

  override reply(): void {}

  override deliver(): void {}

  override leave(): void {
    if (this.isClosed) return
    super.leave()
    this.#onClosed()
  }
}
