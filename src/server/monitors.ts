/**
 * Monitors: clients that see every command as it is run (MONITOR).
 *
 *   +1339518083.107412 [0 127.0.0.1:60866] "SET" "k" "v"
 *
 * Commands of administration are not shown, nor is who somebody says to be (redaction.ts). What a
 * transaction runs is shown as it runs, its EXEC behind it.
 *
 * Source: redis 7.0 `src/replication.c`, replicationFeedMonitors.
 */
import { type ByteString, quoted } from '../bytes/byte-string.ts'
import type { Clock } from '../ports.ts'
import type { Command } from './command-spec.ts'
import { redacted } from './redaction.ts'
import { Status } from './replies.ts'
import type { Session } from './session.ts'

export class Monitors {
  readonly #clock: Clock
  readonly #sessions = new Set<Session>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get size(): number {
    return this.#sessions.size
  }

  add(session: Session): void {
    session.isMonitor = true
    this.#sessions.add(session)
  }

  remove(session: Session): void {
    session.isMonitor = false
    this.#sessions.delete(session)
  }

  /** Shows a command that was run. */
  feed(session: Session, command: Command, argv: readonly ByteString[]): void {
    if (command.flags.has('skip_monitor') || command.flags.has('admin')) return
    const now = this.#clock.now()
    const seconds = Math.floor(now / 1e6)
    const micros = String(Math.floor(now) % 1e6).padStart(6, '0')
    const words = redacted(argv).map(quoted).join(' ')
    const line = `${seconds}.${micros} [${session.db.index} ${clientAddress(session)}] ${words}`
    for (const monitor of this.#sessions) monitor.deliver(new Status(line))
  }
}

/** As Redis writes it: `127.0.0.1:52100`, `unix:/tmp/redis.sock`. */
function clientAddress({ peer: { remote } }: Session): string {
  return remote.startsWith('/') ? `unix:${remote}` : remote
}
