/** Handshakes that were once misunderstood: a slow master's, and one that asks again before it was refused. */
import { expect, it } from 'vitest'
import { fromText } from '../../src/bytes/byte-string.ts'
import { encodeCommand } from '../../src/codec/resp/encode.ts'
import type { ReplEvent } from '../../src/replication/events.ts'
import { LinkBook } from '../../src/replication/link-book.ts'

const ID = 'a'.repeat(40)
const encoded = (...commands: string[]) =>
  Buffer.concat(commands.map((text) => encodeCommand(text.split(' ').map(fromText))))

function book(): { book: LinkBook; events: ReplEvent[] } {
  const events: ReplEvent[] = []
  return { book: new LinkBook({ emit: (event) => events.push({ ...event }) }), events }
}

it('knows a replica that comes back although the master takes a second to answer its PING', () => {
  const { book: links, events } = book()
  for (const at of [0, 10_000_000]) {
    const conversation = links.open('10.0.0.1:5', 'master:1', at)
    conversation.push('replica', encoded('PING'), at + 100)
    links.tick(at + 1_000_000)
    conversation.push('master', Buffer.from('+PONG\r\n'), at + 1_000_000)
    conversation.push('replica', encoded('REPLCONF listening-port 7', `PSYNC ${ID} 1`), at + 1_000_100)
    conversation.push('master', Buffer.from('+OK\r\n+CONTINUE\r\n'), at + 1_000_200)
    conversation.end('replica', 'fin', at + 1_000_300)
  }
  expect(new Set(events.map((event) => event.link))).toEqual(new Set([1]))
  const opened = events.filter((event) => event.kind === 'opened')
  expect(opened.map((event) => event.role)).toEqual(['replica', 'replica'])
})

it('shows a silent connection soon, and one that only said PING in the end', () => {
  const { book: links, events } = book()
  links.open('10.0.0.1:5', 'master:1', 0)
  links.open('10.0.0.1:6', 'master:1', 0).push('replica', encoded('PING'), 0)
  links.tick(300_000)
  expect(events.map((event) => event.conn)).toEqual([1])
  links.tick(6_000_000)
  expect(events.map((event) => event.conn)).toEqual([1, 2, 2])
})

it('understands a PSYNC that was sent before the answer to a refused one', () => {
  const { book: links, events } = book()
  const conversation = links.open('10.0.0.1:5', 'master:1', 0)
  conversation.push('replica', encoded(`PSYNC ${ID} x`, 'REPLCONF capa eof', 'PSYNC ? -1'), 0)
  conversation.push(
    'master',
    Buffer.from(`-ERR value is not an integer\r\n+OK\r\n+FULLRESYNC ${ID} 5\r\n$3\r\nabc`),
    0,
  )
  conversation.push('master', encoded('PING'), 0)
  // The three bytes are no snapshot, which is told too; but the stream behind them is understood.
  expect(events.at(-1)).toMatchObject({ kind: 'ping', start: 5, end: 19 })
})

it('keeps two live replicas apart that announce the same port from one address, and joins one that fell silent', () => {
  const { book: links, events } = book()
  const attach = (at: number) => {
    const conversation = links.open('172.17.0.1:1', 'master:1', at)
    conversation.push('replica', encoded('PING', 'REPLCONF listening-port 6379', 'PSYNC ? -1'), at)
    return conversation
  }
  attach(0)
  attach(1_000_000).push('replica', encoded('PING'), 9_000_000)
  const third = attach(10_000_000)
  third.ending()
  attach(10_000_001)
  expect(events.filter((event) => event.kind === 'opened').map((event) => event.link)).toEqual([1, 2, 3, 3])
})
