/** A proxy in this process, with everything it says kept for the test to look at. */
import { onTestFinished } from 'vitest'
import { parseAddress } from '../../src/io/address.ts'
import { openProxy } from '../../src/io/proxy.ts'
import { waitFor } from '../../src/io/redis-process.ts'
import { systemNow } from '../../src/io/system-clock.ts'
import type { ReplEvent, ReplKind } from '../../src/replication/events.ts'
import { LinkBook, type LinkBookOptions } from '../../src/replication/link-book.ts'
import { jsonEvent } from '../../src/sink/json-event.ts'
import type { Recorder } from '../../src/sink/recorder.ts'
import { kept } from './transcripts.ts'

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
  options: Partial<LinkBookOptions> & {
    readonly recorder?: Recorder
    readonly strip?: readonly string[]
  } = {},
): Promise<LiveProxy> {
  const events: ReplEvent[] = []
  const notices: string[] = []
  const book = new LinkBook({
    ...options,
    emit: (event) => {
      options.emit?.(event)
      if (event.kind !== 'snapshot-slice') events.push(kept(event))
    },
  })
  const proxy = await openProxy({
    listen: parseAddress(listen, 'listen'),
    master: parseAddress(master, 'master'),
    now: systemNow,
    converse: (replica, masterText, at) => {
      const session = options.recorder?.session(replica, masterText)
      const conversation = book.open(replica, masterText, at, 'handshake', session?.event)
      return session?.around(conversation) ?? conversation
    },
    strip: options.strip ?? [],
    notice: (line) => notices.push(line),
  })
  const ticking = setInterval(() => book.tick(systemNow()), 50)
  let isClosed = false
  const close = async () => {
    if (isClosed) return
    isClosed = true
    clearInterval(ticking)
    await proxy.close()
    book.tick(Number.POSITIVE_INFINITY)
  }
  onTestFinished(close)
  return {
    address: proxy.address,
    port: Number(/\d+$/.exec(proxy.address)?.[0]),
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
