/**
 * Listens to what a real master propagates, as a replica that only listens.
 *
 *   const tap = await tapStream(redis.port)
 *   … commands …
 *   await tap.settled(client)         all that was written before has arrived
 *   tap.take()                        ['SELECT 0', 'MULTI', 'INCR a', …]
 */
import { connect } from 'node:net'
import { readable } from '../../src/bytes/byte-string.ts'
import { beginningOf } from '../../src/bytes/long-bytes.ts'
import { Conversation } from '../../src/replication/conversation.ts'
import type { RawClient } from './raw-client.ts'
import { KEEP_ALL } from './reference.ts'

export type StreamTap = {
  /** The commands since the last take, one a line, without PING and GETACK. */
  take(): string[]
  settled(client: RawClient): Promise<void>
  close(): void
}

export async function tapStream(port: number, host = '127.0.0.1'): Promise<StreamTap> {
  let lines: string[] = []
  let isStreaming: () => void = () => {}
  const ready = new Promise<void>((resolve) => {
    isStreaming = resolve
  })
  const marks = new Map<string, () => void>()
  const conversation = new Conversation({
    keep: KEEP_ALL,
    snapshot: 'sizes',
    emit: (event) => {
      if (event.kind === 'snapshot-end') isStreaming()
      if (event.kind !== 'command') return
      const line = event.command
        .argv()
        .map((word) => readable(beginningOf(word)))
        .join(' ')
      const mark = /^PUBLISH syncscope-mark (\d+)$/.exec(line)
      if (mark === null) lines.push(line)
      else marks.get(mark[1]!)?.()
    },
  })
  const socket = connect({ port, host })
  const request = Buffer.from('PSYNC ? -1\r\n')
  socket.write(request)
  conversation.push('replica', request, 0)
  socket.on('data', (chunk) => conversation.push('master', chunk, 0))
  socket.on('error', () => {})
  await ready
  let count = 0
  return {
    take: () => {
      const taken = lines
      lines = []
      return taken
    },
    settled: async (client) => {
      const name = String(++count)
      const seen = new Promise<void>((resolve) => marks.set(name, resolve))
      await client.command('PUBLISH', 'syncscope-mark', name)
      await seen
    },
    close: () => socket.destroy(),
  }
}
