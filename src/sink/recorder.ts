/**
 * Recorder: a session as a pcapng file, while it is watched.
 *
 *   socket ─► RecordedSession ─► Conversation          one around each conversation, fed what that is fed
 *                  │    ▲
 *                  │    └─ events: what the bytes were, where secrets lie
 *                  ▼
 *             RecordedConnection ─► PcapngWriter ─► blocks ─► file
 *
 * The file must never make the link wait: while its target is full, bytes are recorded as lost.
 */
import { PcapngWriter } from '../codec/capture/pcapng-writer.ts'
import { RecordedConnection } from '../codec/capture/recorded-connection.ts'
import type { Secrets } from '../replication/secrets.ts'
import { RecordedSession } from './recorded-session.ts'

/** Where blocks go. */
export type RecordingTarget = {
  /** Takes one complete block, which is its own from then on. */
  write(block: Buffer): void
  /** True while it has more to write than it should hold. */
  readonly isFull: boolean
}

export class Recorder {
  readonly #writer: PcapngWriter
  readonly #target: RecordingTarget
  readonly #secrets: Secrets
  #connections = 0

  /** @param secrets of the session; must give blanked forms if secrets are to be blanked */
  constructor(target: RecordingTarget, application: string, secrets: Secrets) {
    this.#target = target
    this.#secrets = secrets
    this.#writer = new PcapngWriter((block) => target.write(block), application)
  }

  /** A new connection: its conversation must tell each event to `session.event` at once. */
  session(replica: string, master: string): RecordedSession {
    const connection = new RecordedConnection(this.#writer, ++this.#connections, replica, master)
    return new RecordedSession(connection, this.#secrets, () => this.#target.isFull)
  }
}
