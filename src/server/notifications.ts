/**
 * Notifications: keyspace events, published on `__keyspace@<db>__:<key>` and `__keyevent@<db>__:<event>` as
 * far as notify-keyspace-events asks for them.
 *
 * Source: redis 7.0 `src/notify.c`.
 */
import type { ByteString } from '../bytes/byte-string.ts'
import type { Settings } from './config/settings.ts'
import type { PubSub } from './pubsub.ts'

export class Notifications {
  readonly #settings: Settings
  readonly #pubsub: PubSub

  constructor(settings: Settings, pubsub: PubSub) {
    this.#settings = settings
    this.#pubsub = pubsub
  }

  /** @param type the letter of the class the event belongs to */
  notify(type: string, event: string, key: ByteString, db: number): void {
    const wanted = this.#settings.notifyKeyspaceEvents
    if (wanted === '' || !(wanted.includes(type) || (wanted.includes('A') && !'mn'.includes(type)))) return
    if (wanted.includes('K'))
      this.#pubsub.publish(`__keyspace@${db}__:${key}` as ByteString, event as ByteString)
    if (wanted.includes('E')) this.#pubsub.publish(`__keyevent@${db}__:${event}` as ByteString, key)
  }
}
