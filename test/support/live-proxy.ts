/** A proxy that ends with its test, with everything it says kept for the test to look at. */
import { onTestFinished } from 'vitest'
import { waitFor } from '../../src/io/redis-process.ts'
import type { ReplEvent, ReplKind } from '../../src/replication/events.ts'
import { jsonEvent } from '../../src/sink/json-event.ts'
import { kept } from './transcripts.ts'
import { type WatchedOptions, watchedProxy } from './watched-proxy.ts'

export type LiveProxy = {
  readonly address: string
  readonly port: number
  /** Slices of snapshots are left out. */
  readonly events: ReplEvent[]
  readonly notices: string[]
  /** Events of some kinds, as JSON. */
  json(...kinds: ReplKind[]): Record<string, unknown>[]
  /** Waits until an event that satisfies `test` has been seen after the first `from` events. */
  seen(what: string, test: (event: ReplEvent) => boolean, from?: number): Promise<ReplEvent>
  close(): Promise<void>
}

export async function liveProxy(
  master: string,
  listen = ':0',
  options: Partial<WatchedOptions> = {},
): Promise<LiveProxy> {
  const events: ReplEvent[] = []
  const notices: string[] = []
  const { address, port, close } = await watchedProxy(master, {
    ...options,
    listen,
    emit: (event) => {
      options.emit?.(event)
      if (event.kind !== 'snapshot-slice') events.push(kept(event))
    },
    notice: (line) => notices.push(line),
  })
  onTestFinished(close)
  return {
    address,
    port,
    events,
    notices,
    json: (...kinds) => events.filter((e) => kinds.includes(e.kind)).map((e) => jsonEvent(e)!),
    seen: async (what, test, from = 0) => {
      await waitFor(async () => events.slice(from).some(test), { timeoutMs: 30_000, what })
      return events.slice(from).find(test)!
    },
    close,
  }
}
