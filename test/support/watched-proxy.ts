/** A proxy in this process, wired as `syncscope proxy` wires it. For tests, and for scripts outside of them. */
import type { ProxyVerify } from '../../src/cli/proxy-verify.ts'
import { parseAddress } from '../../src/io/address.ts'
import { openProxy } from '../../src/io/proxy.ts'
import { systemNow } from '../../src/io/system-clock.ts'
import { LinkBook, type LinkBookOptions } from '../../src/replication/link-book.ts'
import type { Recorder } from '../../src/sink/recorder.ts'

export type WatchedOptions = LinkBookOptions & {
  readonly listen?: string
  readonly recorder?: Recorder | undefined
  /** Capabilities to take out of what replicas say. */
  readonly strip?: readonly string[] | undefined
  readonly notice?: (line: string) => void
  /** Hears each connection too. */
  readonly around?: ProxyVerify['around']
}

export type WatchedProxy = {
  readonly address: string
  readonly port: number
  /** May be called twice. */
  close(): Promise<void>
}

/** @param master its address */
export async function watchedProxy(master: string, options: WatchedOptions): Promise<WatchedProxy> {
  const { recorder, strip = [] } = options
  const book = new LinkBook(options)
  const proxy = await openProxy({
    listen: parseAddress(options.listen ?? ':0', 'listen'),
    master: parseAddress(master, 'master'),
    now: systemNow,
    converse: (replica, masterText, at) => {
      const session = recorder?.session(replica, masterText)
      const conversation = book.open(replica, masterText, at, 'handshake', session?.event)
      const ear = session?.around(conversation) ?? conversation
      return options.around?.(replica, masterText, at, ear) ?? ear
    },
    strip,
    notice: options.notice ?? (() => {}),
  })
  const ticking = setInterval(() => book.tick(systemNow()), 50)
  let isClosed = false
  return {
    address: proxy.address,
    port: Number(/\d+$/.exec(proxy.address)?.[0]),
    close: async () => {
      if (isClosed) return
      isClosed = true
      clearInterval(ticking)
      await proxy.close()
      book.tick(Number.POSITIVE_INFINITY)
    },
  }
}
