/** Lost bytes are a fact, not the end: offsets stay exact behind a hole, and the decoder locks on again. */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { byteString, fromText } from '../../src/bytes/byte-string.ts'
import { encodeCommand } from '../../src/codec/resp/encode.ts'
import { Conversation } from '../../src/replication/conversation.ts'
import type { ReplEvent } from '../../src/replication/events.ts'
import { kept } from '../support/transcripts.ts'

const ID = 'a'.repeat(40)
const RDB = readFileSync(new URL('../../fixtures/rdb/redis-7.0.15-lru.rdb', import.meta.url))
const MARK = 'b1'.repeat(20)

/** What the master sends, with a hole of `missing` bytes at `at`. */
function withHole(bytes: Buffer, at: number, missing: number): ReplEvent[] {
  const events: ReplEvent[] = []
  const conversation = new Conversation({ emit: (event) => events.push(kept(event)) })
  conversation.push('replica', Buffer.from('*3\r\n$5\r\nPSYNC\r\n$1\r\n?\r\n$2\r\n-1\r\n'), 1)
  conversation.push('master', bytes.subarray(0, at), 2)
  conversation.gap('master', missing, 3)
  conversation.push('master', bytes.subarray(at + missing), 4)
  return events
}

const stream = (count: number) =>
  Buffer.concat([
    encodeCommand(['SELECT', '2'].map(fromText)),
    ...Array.from({ length: count }, (_, i) =>
      encodeCommand(['SET', `key:${i}`, 'v'.repeat(i % 60)].map(fromText)),
    ),
  ])

const byLength = (body: Buffer) =>
  Buffer.concat([Buffer.from(`+FULLRESYNC ${ID} 500\r\n$${RDB.length}\r\n`), RDB, body])
const byMark = (body: Buffer) =>
  Buffer.concat([Buffer.from(`+FULLRESYNC ${ID} 500\r\n$EOF:${MARK}\r\n`), RDB, Buffer.from(MARK), body])

/** Commands as `start..end name key`, which a hole must not change. */
const told = (events: ReplEvent[]) =>
  events.flatMap((e) =>
    e.kind === 'command' ? [`${e.start}..${e.end} ${e.command.argv().slice(0, 2).join(' ')}`] : [],
  )

describe('a hole of any size at any place', () => {
  it.each([
    ['behind a snapshot of known length', byLength],
    ['behind a marked one', byMark],
  ] as const)(
    'in the stream %s gives only a gap, and the commands around it with their offsets',
    (_, frame) => {
      const whole = frame(stream(50))
      const begins = frame(Buffer.alloc(0)).length
      const all = told(withHole(whole, whole.length, 0))
      expect(all).toHaveLength(51)
      const holes = fc.tuple(
        fc.integer({ min: begins, max: whole.length - 1 }),
        fc.integer({ min: 1, max: 900 }),
      )
      fc.assert(
        fc.property(holes, ([at, size]) => {
          const missing = Math.min(size, whole.length - at)
          const events = withHole(whole, at, missing)
          expect(events.filter((e) => e.kind === 'fault')).toEqual([])
          expect(events.filter((e) => e.kind === 'gap')).toMatchObject([
            { missing, from: at, to: at + missing },
          ])
          const seen = told(events)
          expect(all).toEqual(expect.arrayContaining(seen))
          // At most the commands that the hole touches are lost, and the one it ends in.
          const touched = all.length - seen.length
          expect(touched).toBeLessThanOrEqual(Math.ceil(missing / 25) + 2)
        }),
        { numRuns: 300 },
      )
    },
  )

  it('within a snapshot of known length is counted over, and the stream is found', () => {
    const whole = byLength(stream(20))
    const begins = whole.length - stream(20).length - RDB.length
    const all = told(withHole(whole, whole.length, 0))
    const holes = fc.tuple(fc.nat(RDB.length - 1), fc.integer({ min: 1, max: 400 }))
    fc.assert(
      fc.property(holes, ([at, missing]) => {
        const events = withHole(whole, begins + at, missing)
        expect(events.filter((e) => e.kind === 'fault')).toEqual([])
        expect(events.find((e) => e.kind === 'snapshot-end')).toMatchObject({
          bytes: RDB.length,
          keys: undefined,
        })
        const seen = told(events)
        expect(all).toEqual(expect.arrayContaining(seen))
        expect(seen.at(-1)).toBe(all.at(-1))
      }),
      { numRuns: 200 },
    )
  })

  it('within a marked snapshot leaves the mark to be found', () => {
    const whole = byMark(stream(20))
    const begins = whole.length - stream(20).length - MARK.length - RDB.length
    const all = told(withHole(whole, whole.length, 0))
    for (let at = 0; at < RDB.length - 10; at += 7) {
      const events = withHole(whole, begins + at, 9)
      expect(events.filter((e) => e.kind === 'fault')).toEqual([])
      expect(events.find((e) => e.kind === 'snapshot-end')).toMatchObject({ bytes: RDB.length })
      expect(told(events)).toEqual(all)
    }
  })

  it('never throws, wherever it is and whatever follows', () => {
    const bytes = fc.uint8Array({ maxLength: 300 }).map((b) => Buffer.from(b))
    fc.assert(
      fc.property(bytes, bytes, fc.nat(100), fc.boolean(), (before, after, missing, isReplica) => {
        const events: ReplEvent[] = []
        const conversation = new Conversation({ emit: (event) => events.push(kept(event)) })
        const side = isReplica ? 'replica' : 'master'
        conversation.push(side, before, 1)
        conversation.gap(side, missing, 2)
        conversation.push(side, after, 3)
        conversation.push(side, Buffer.from(byteString(after)), 4)
        expect(events.some((e) => e.kind === 'gap')).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  it('that swallows the handshake leaves a stream that ACKs anchor', () => {
    const head = Buffer.from(`+FULLRESYNC ${ID} 500\r\n$${RDB.length}\r\n`).length
    const body = stream(20)
    const whole = byLength(body)
    const all = told(withHole(whole, whole.length, 0))
    for (const until of [head + 1, head + RDB.length - 100, head + RDB.length, head + RDB.length + 24]) {
      const events: ReplEvent[] = []
      const conversation = new Conversation({ emit: (event) => events.push(kept(event)) })
      conversation.push('replica', Buffer.from('*3\r\n$5\r\nPSYNC\r\n$1\r\n?\r\n$2\r\n-1\r\n'), 1)
      conversation.gap('master', until, 2)
      conversation.push('master', whole.subarray(until), 3)
      const ack = encodeCommand(['REPLCONF', 'ACK', String(500 + body.length)].map(fromText))
      conversation.push('replica', ack, 4)
      conversation.push('replica', ack, 5)
      expect(events.filter((e) => e.kind === 'fault')).toEqual([])
      const seen = told(events)
      expect(seen.length).toBeGreaterThan(18)
      expect(seen).toEqual(all.slice(all.length - seen.length))
    }
  })
})
