/** Where a snapshot ends: by its length, by its mark, by its own grammar; whole, damaged, or no RDB at all. */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ByteString } from '../../src/bytes/byte-string.ts'
import { Conversation } from '../../src/replication/conversation.ts'
import type { ReplEvent } from '../../src/replication/events.ts'
import { decodeEverySplit, type MakeDecoder, randomChunks, run } from '../support/every-split.ts'
import { kept } from '../support/transcripts.ts'

const RDB = readFileSync(new URL('../../fixtures/rdb/redis-7.0.15-lru.rdb', import.meta.url))
const MARK = '5ffd036ab1d2e3f4a5b6c7d8e9f00112233445d1'
const ID = 'a3401045640fafea747d9e935807a0621ae9e0d5'
const STREAM = Buffer.from('*2\r\n$6\r\nSELECT\r\n$1\r\n4\r\n*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n')

/** What the master says after PSYNC, as events without slices; their bytes are told as one sum. */
const master: MakeDecoder<unknown> = (emit) => {
  let sliced = 0
  const conversation = new Conversation({
    emit: (event: ReplEvent) => {
      if (event.kind === 'snapshot-slice') {
        expect(event.from).toBe(sliced === 0 ? event.from : event.to - event.slice.length)
        sliced += event.slice.length
      } else if (event.kind === 'snapshot-end') emit({ ...event, sliced })
      else if (event.kind === 'command')
        emit({ name: event.command.name, start: event.start, end: event.end })
      else if (event.kind !== 'request') emit(kept(event))
    },
  })
  conversation.push('replica', Buffer.from('*3\r\n$5\r\nPSYNC\r\n$1\r\n?\r\n$2\r\n-1\r\n'), 1)
  return { push: (chunk) => conversation.push('master', chunk, 2), end: () => {} }
}

const session = (framing: string, body: Buffer, tail = '') =>
  Buffer.concat([Buffer.from(`+FULLRESYNC ${ID} 100\r\n${framing}\r\n`), body, Buffer.from(tail), STREAM])

const withMark = (body: Buffer) => session(`$EOF:${MARK}`, body, MARK)
const decode = (input: Buffer) => decodeEverySplit(master, input) as Record<string, unknown>[]

/** Everything behind the snapshot is found, at the right offsets. */
function expectStream(events: Record<string, unknown>[]): void {
  expect(events.slice(-2)).toEqual([
    { name: 'SELECT', start: 100, end: 123 },
    { name: 'SET', start: 123, end: 150 },
  ])
}

/** As it goes between real servers: the replica acknowledges when it has all, and only then the stream begins. */
function expectEndByMark(body: Buffer, seed: number): void {
  const events: Record<string, unknown>[] = []
  const conversation = new Conversation({
    emit: (event) => {
      if (event.kind === 'command') {
        events.push({ name: event.command.name, start: event.start, end: event.end })
      } else if (event.kind !== 'snapshot-slice') events.push(event)
    },
  })
  conversation.push('replica', Buffer.from('*3\r\n$5\r\nPSYNC\r\n$1\r\n?\r\n$2\r\n-1\r\n'), 1)
  const snapshot = withMark(body).subarray(0, -STREAM.length)
  for (const chunk of randomChunks(snapshot, seed)) conversation.push('master', chunk, 2)
  conversation.push('replica', Buffer.from('*3\r\n$8\r\nREPLCONF\r\n$3\r\nACK\r\n$3\r\n100\r\n'), 3)
  for (const chunk of randomChunks(STREAM, seed)) conversation.push('master', chunk, 4)
  expect(of(events, 'snapshot-end')).toMatchObject([{ bytes: body.length }])
  expectStream(events)
}

const of = (events: Record<string, unknown>[], kind: string) => events.filter((e) => e.kind === kind)

describe('the end of a snapshot', () => {
  it('is found by length, and the keys inside are told', () => {
    const events = decode(session(`$${RDB.length}`, RDB))
    expect(of(events, 'snapshot-end')).toMatchObject([
      {
        bytes: RDB.length,
        sliced: RDB.length,
        checksum: 'good',
        rdbVersion: 10,
        keys: of(events, 'snapshot-key').length,
      },
    ])
    expect(of(events, 'snapshot-key').length).toBeGreaterThan(3)
    expect(of(events, 'fault')).toEqual([])
    expectStream(events)
  })

  it('is found by its mark, however that is cut, with the stream glued behind it', () => {
    const events = decode(withMark(RDB))
    expect(of(events, 'snapshot-end')).toMatchObject([
      { bytes: RDB.length, sliced: RDB.length, checksum: 'good' },
    ])
    expect(of(events, 'fault')).toEqual([])
    expectStream(events)
  })

  it('is found where the mark occurs in the data, too', () => {
    // A string value that is the mark; a zero checksum says that there is none.
    const value = Buffer.from(`\x00\x03key\x28${MARK}\x00\x04more\x02ok`, 'latin1')
    const rdb = Buffer.concat([Buffer.from('REDIS0010'), value, Buffer.from('ff0000000000000000', 'hex')])
    const events = decode(withMark(rdb))
    expect(of(events, 'snapshot-end')).toMatchObject([{ bytes: rdb.length, keys: 2, checksum: 'absent' }])
    expectStream(events)
  })

  it.each<[string, Buffer]>([
    ['no RDB at all', Buffer.from('this is no snapshot, but it is framed')],
    ['nothing', Buffer.alloc(0)],
    ['an RDB of an unknown type', Buffer.from('REDIS0010\x63\x01kvalue', 'latin1')],
    ['an RDB that was cut', RDB.subarray(0, 100)],
    ['an RDB with a broken checksum', Buffer.concat([RDB.subarray(0, -1), Buffer.from([RDB.at(-1)! ^ 1])])],
    ['an RDB with bytes behind it', Buffer.concat([RDB, Buffer.from('extra')])],
  ])('is found around %s, by length and by mark', (_, body) => {
    for (const input of [session(`$${body.length}`, body), withMark(body)]) {
      const events = decode(input)
      expect(of(events, 'snapshot-end')).toMatchObject([{ bytes: body.length, sliced: body.length }])
      expect(of(events, 'fault').length).toBeLessThanOrEqual(1)
      expect(of(events, 'fault').every((fault) => fault.fatal === false)).toBe(true)
      expectStream(events)
    }
  })

  it('tells a broken checksum', () => {
    const body = Buffer.concat([RDB.subarray(0, -1), Buffer.from([RDB.at(-1)! ^ 1])])
    expect(of(decode(withMark(body)), 'snapshot-end')).toMatchObject([{ checksum: 'bad' }])
  })

  it('is found whatever the bytes of the body are', () => {
    const damaged = fc
      .tuple(fc.nat(RDB.length - 1), fc.nat(255), fc.nat(RDB.length))
      .map(([at, byte, length]) => {
        const copy = Buffer.from(RDB.subarray(0, length))
        if (at < copy.length) copy[at] = byte
        return copy
      })
    fc.assert(
      fc.property(damaged, fc.integer(), (body, seed) => {
        const byLength = session(`$${body.length}`, body)
        const events = run(master, [byLength]) as Record<string, unknown>[]
        expect(of(events, 'snapshot-end')).toMatchObject([{ bytes: body.length, sliced: body.length }])
        expectStream(events)
        expect(run(master, randomChunks(byLength, seed))).toEqual(events)
        expectEndByMark(body, seed)
      }),
      { numRuns: 300 },
    )
  })

  it('takes the offset and the database of an old SYNC from the snapshot itself', () => {
    const events: ReplEvent[] = []
    const conversation = new Conversation({ emit: (event) => events.push(kept(event)) })
    const rdb = readFileSync(new URL('../../fixtures/rdb/redis-7.0.15-repl-aux.rdb', import.meta.url))
    conversation.push('replica', Buffer.from('SYNC\r\n'), 1)
    conversation.push('master', Buffer.from(`$${rdb.length}\r\n`), 2)
    conversation.push('master', rdb, 3)
    const aux = (name: string) =>
      events.flatMap((e) => (e.kind === 'snapshot-aux' && e.name === name ? [String(e.value)] : []))[0]
    conversation.push('master', Buffer.from('*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n'), 4)
    const offset = Number(aux('repl-offset'))
    expect(offset).toBeGreaterThan(0)
    expect(events.at(-1)).toMatchObject({ kind: 'command', start: offset, end: offset + 27 })
    expect((aux('repl-id') as ByteString).length).toBe(40)
  })
})
