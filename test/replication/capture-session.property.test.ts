/**
 * Laws of the whole way from packets to events: what networks and capture tools do to packets changes no event, what the capture
 * lost is a gap, and no file of any content is more than an error that says where.
 */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromText } from '../../src/bytes/byte-string.ts'
import { FLAG } from '../../src/codec/capture/tcp.ts'
import { encodeCommand } from '../../src/codec/resp/encode.ts'
import type { ReplEvent } from '../../src/replication/events.ts'
import { jsonEvent } from '../../src/sink/json-event.ts'
import { type Decoded, decodeFiles } from '../support/live-capture.ts'
import { CLIENT, pcapFile, SERVER, tcpPacket } from '../support/packets.ts'

const RDB = readFileSync(new URL('../../fixtures/rdb/redis-7.0.15-lru.rdb', import.meta.url))
const ID = 'c3'.repeat(20)

type Side = 0 | 1
type Sent = { side: Side; seq: number; ack: number; flags: number; payload: Buffer; cut: number }

const command = (...argv: string[]) => encodeCommand(argv.map(fromText))

/** A replica's whole life on one connection: what each side sends, in order. */
function life(commands: number): [Side, Buffer][] {
  const said: [Side, Buffer][] = [
    [0, command('PING')],
    [1, Buffer.from('+PONG\r\n')],
    [0, command('REPLCONF', 'listening-port', '7000')],
    [1, Buffer.from('+OK\r\n')],
    [0, command('PSYNC', '?', '-1')],
    [1, Buffer.from(`+FULLRESYNC ${ID} 1000\r\n`)],
    [1, Buffer.concat([Buffer.from(`$${RDB.length}\r\n`), RDB])],
  ]
  let offset = 1000
  const propagate = (bytes: Buffer) => {
    said.push([1, bytes])
    offset += bytes.length
  }
  propagate(command('SELECT', '2'))
  for (let i = 0; i < commands; i++) {
    if (i % 5 === 4) propagate(Buffer.concat([command('MULTI'), command('INCR', `n${i}`), command('EXEC')]))
    else propagate(command('SET', `key:${i}`, 'v'.repeat((i * 37) % 300)))
    if (i % 3 === 2) said.push([0, command('REPLCONF', 'ACK', String(offset))])
  }
  said.push([0, command('REPLCONF', 'ACK', String(offset))], [0, command('REPLCONF', 'ACK', String(offset))])
  return said
}

/** The same as TCP sends it, in segments of at most `mss` bytes; every second one is acknowledged. */
function segments(said: readonly [Side, Buffer][], mss: number): Sent[] {
  const seq: [number, number] = [4_294_967_000, 77]
  const sent: Sent[] = []
  const send = (side: Side, flags: number, payload: Buffer = Buffer.alloc(0)) => {
    const ack = (flags & FLAG.ACK) === 0 ? 0 : seq[1 - side]!
    sent.push({ side, seq: seq[side]!, ack, flags, payload, cut: 0 })
    seq[side] = (seq[side]! + payload.length + ((flags & (FLAG.SYN | FLAG.FIN)) === 0 ? 0 : 1)) >>> 0
  }
  send(0, FLAG.SYN)
  send(1, FLAG.SYN | FLAG.ACK)
  send(0, FLAG.ACK)
  for (const [side, bytes] of said) {
    for (let at = 0; at < bytes.length; at += mss) {
      send(side, FLAG.ACK, bytes.subarray(at, at + mss))
      if ((at / mss) % 2 === 1) send((1 - side) as Side, FLAG.ACK)
    }
  }
  send(0, FLAG.ACK | FLAG.FIN)
  send(1, FLAG.ACK | FLAG.FIN)
  send(0, FLAG.ACK)
  return sent
}

const ENDS = [CLIENT, SERVER] as const

function file(sent: readonly Sent[]): Buffer {
  const frames = sent.map(({ side, cut, ...fields }, index) => {
    const whole = tcpPacket({ ...fields, from: ENDS[side], to: ENDS[1 - side]! })
    return {
      bytes: whole.subarray(0, whole.length - cut),
      originalLength: whole.length,
      at: 1.7e15 + index * 500,
    }
  })
  return pcapFile(frames)
}

const decode = (sent: readonly Sent[]): Decoded => decodeFiles([file(sent)])

/** What was said on each side, without the moment. */
function told(events: readonly ReplEvent[]): Record<'master' | 'replica', string[]> {
  const sides = { master: [] as string[], replica: [] as string[] }
  for (const event of events) {
    const { at, lagMs, lagBytes, ms, ...rest } = jsonEvent(event) as Record<string, unknown>
    sides[event.side].push(JSON.stringify(rest))
  }
  return sides
}

/** Commands of the stream with their offsets. */
function commandsIn(events: readonly ReplEvent[]): string[] {
  return events.flatMap((e) =>
    e.kind === 'command' ? [`${e.start}..${e.end} ${e.command.argv().slice(0, 2).join(' ')}`] : [],
  )
}

const roll = (dice: Iterator<number>) => dice.next().value as number
const chance = fc.infiniteStream(fc.nat(999))

function shuffled(sent: readonly Sent[], reach: number, dice: Iterator<number>): Sent[] {
  const keyed = sent.map((one, index) => ({ one, key: index + (roll(dice) / 1000) * reach }))
  return keyed.sort((a, b) => a.key - b.key).map(({ one }) => one)
}

/** Cuts in two, sends again, sends a part again together with what follows. */
function resegmented(sent: readonly Sent[], dice: Iterator<number>): Sent[] {
  return sent.flatMap((one) => {
    const { length } = one.payload
    const kind = roll(dice) % 5
    if (length < 2 || kind === 0) return [one]
    if (kind === 1) return [one, one]
    const at = 1 + (roll(dice) % (length - 1))
    const from = kind === 2 ? at : roll(dice) % (at + 1)
    return [part(one, 0, at), part(one, from, length)]
  })
}

function part(one: Sent, from: number, to: number): Sent {
  return { ...one, seq: (one.seq + from) >>> 0, payload: one.payload.subarray(from, to) }
}

const SAID = life(40)
const PLAIN = segments(SAID, 400)
const WHOLE = decode(PLAIN)
const COMMANDS = commandsIn(WHOLE.events)

describe('a capture', () => {
  it('of the plain session has no fault, no gap and every command', () => {
    expect(WHOLE.complaints).toEqual([])
    expect(WHOLE.events.filter((e) => e.kind === 'fault' || e.kind === 'gap')).toEqual([])
    expect(COMMANDS).toHaveLength(1 + 32 + 8 * 3)
    expect(WHOLE.events.at(-1)).toMatchObject({ kind: 'closed', how: 'fin' })
  })

  it('gives the same events however its packets are cut, repeated, overlapped and shuffled', () => {
    const mss = fc.constantFrom(7, 100, 536, 1448, 60_000)
    fc.assert(
      fc.property(mss, chance, fc.constantFrom(0, 2, 4), (size, dice, reach) => {
        const roller = dice[Symbol.iterator]()
        const base = size === 7 ? segments(SAID, 400) : segments(SAID, size)
        const { events, complaints } = decode(shuffled(resegmented(base, roller), reach, roller))
        expect(complaints).toEqual([])
        expect(told(events)).toEqual(told(WHOLE.events))
      }),
      { numRuns: 60 },
    )
  })

  it('that lost or cut packets has gaps, and commands with the offsets they have without loss', () => {
    fc.assert(
      fc.property(chance, fc.integer({ min: 2, max: 40 }), (dice, rate) => {
        const roller = dice[Symbol.iterator]()
        const left = PLAIN.flatMap((one, index) => {
          const kind = roll(roller) % rate
          if (index < 13 || kind > 1) return [one]
          return kind === 0 ? [] : [{ ...one, cut: roll(roller) % (one.payload.length + 1) }]
        })
        const { events, complaints } = decode(left)
        expect(complaints).toEqual([])
        expect(events.filter((e) => e.kind === 'fault')).toEqual([])
        const seen = commandsIn(events).filter((text) => !text.startsWith('undefined'))
        expect(COMMANDS).toEqual(expect.arrayContaining(seen))
        // Adding up bytes and gaps gives the positions of the whole.
        const closed = events.at(-1)
        const end = WHOLE.events.at(-1)
        if (closed?.kind === 'closed' && end?.kind === 'closed' && closed.how === 'fin')
          expect(Math.abs(closed.bytes.master - end.bytes.master)).toBeLessThanOrEqual(1)
      }),
      { numRuns: 150 },
    )
  })

  it('that begins anywhere tells who is who, and no wrong offset', () => {
    for (let skip = 1; skip < PLAIN.length - 3; skip += 2) {
      const { events, complaints } = decode(PLAIN.slice(skip))
      expect(complaints, `from packet ${skip}`).toEqual([])
      expect(events.filter((e) => e.kind === 'fault')).toEqual([])
      const opened = events.filter((e) => e.kind === 'opened')
      for (const event of opened)
        expect(event, `from packet ${skip}`).toMatchObject({ master: '10.0.0.2:6379' })
      const seen = commandsIn(events).filter((text) => !text.startsWith('undefined'))
      expect(COMMANDS, `from packet ${skip}`).toEqual(expect.arrayContaining(seen))
      // While there are ACKs left to tell where the stream stands, it is told.
      if (skip < PLAIN.length - 40) expect(seen.length, `from packet ${skip}`).toBeGreaterThan(3)
    }
  })
})

describe('a hostile file', () => {
  const fixture = readFileSync(new URL('../../fixtures/captures/disk-ethernet.pcapng', import.meta.url))
  const classic = readFileSync(new URL('../../fixtures/captures/disk-ethernet.pcap', import.meta.url))

  it('cut anywhere says where, and shows what is before', () => {
    const whole = told(decodeFiles([classic]).events).master
    for (let at = 24; at < classic.length; at += 97) {
      const { events, complaints } = decodeFiles([classic.subarray(0, at)])
      expect(complaints.filter((text) => !text.startsWith('truncated at '))).toEqual([])
      const seen = told(events).master.filter((text) => text.includes('"command"'))
      expect(whole).toEqual(expect.arrayContaining(seen))
    }
  })

  it('of random bytes, behind any beginning, is an error with a place', () => {
    const beginnings = [
      Buffer.alloc(0),
      classic.subarray(0, 24),
      fixture.subarray(0, 200),
      classic.subarray(0, 900),
    ]
    fc.assert(
      fc.property(fc.constantFrom(...beginnings), fc.uint8Array({ maxLength: 2000 }), (begin, noise) => {
        const { complaints } = decodeFiles([Buffer.concat([begin, noise])])
        for (const text of complaints) expect(text).toMatch(/^(fault|damage|truncated|TCP_\w+) at \d+/)
      }),
      { numRuns: 300 },
    )
  })

  it('with bytes changed anywhere ends in events, gaps and errors', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(classic, fixture),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 30 }),
        (good, changes) => {
          const bad = Buffer.from(good)
          for (const [at, value] of changes) bad[at % bad.length] = value
          const { complaints, events } = decodeFiles([bad])
          for (const text of complaints) expect(text).toMatch(/^(fault|damage|truncated|TCP_\w+) at \d+/)
          for (const event of events) expect(() => JSON.stringify(jsonEvent(event))).not.toThrow()
        },
      ),
      { numRuns: 300 },
    )
  })

  it('of random packets on Redis ports never ends in a bug of ours', () => {
    const payload = fc.oneof(
      fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
      fc
        .constantFrom(
          '*3\r\n$3\r\nSET\r\n',
          '$-1\r\n',
          '+FULLRESYNC x 1\r\n',
          '$EOF:',
          '\n',
          '*1000000\r\n',
          '+CONTINUE\r\n',
        )
        .map((text) => Buffer.from(text)),
      fc
        .constantFrom(['PSYNC', '?', '-1'], ['REPLCONF', 'ACK', '5'], ['PING'], ['GET', 'k'])
        .map((argv) => command(...argv)),
    )
    const packet = fc.record({
      side: fc.constantFrom<Side>(0, 1),
      seq: fc.nat(2000),
      ack: fc.nat(2000),
      flags: fc.constantFrom(
        FLAG.ACK,
        FLAG.ACK,
        FLAG.ACK,
        FLAG.SYN,
        FLAG.SYN | FLAG.ACK,
        FLAG.FIN | FLAG.ACK,
        FLAG.RST,
      ),
      payload,
      cut: fc.constant(0),
    })
    fc.assert(
      fc.property(fc.array(packet, { maxLength: 40 }), (sent) => {
        for (const text of decode(sent).complaints) expect(text).toMatch(/^TCP_\w+ at \d+$/)
      }),
      { numRuns: 500 },
    )
  })
})
