/**
 * Laws of reassembly, over random sessions: what the network and the capture may do to segments does not
 * change the streams, and what the capture lost is a gap of exactly that size.
 *
 * Every byte of a stream has a value that tells its position, so a byte in the wrong place is seen.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { distance } from '../../../src/codec/capture/sequence.ts'
import { FLAG, type Segment } from '../../../src/codec/capture/tcp.ts'
import { gather, type Piece, Session, type Side, segment } from '../../support/tcp-session.ts'

const first = fc.oneof(fc.nat(0xffffffff), fc.integer({ min: 0xffffff00, max: 0xffffffff }))
const turn = fc.record({
  side: fc.constantFrom<Side>(0, 1),
  length: fc.integer({ min: 1, max: 40 }),
  acknowledge: fc.boolean(),
})

/** A whole connection whose bytes tell their positions. */
const session = fc
  .record({ client: first, server: first, turns: fc.array(turn, { minLength: 1, maxLength: 40 }) })
  .map(({ client, server, turns }) => {
    const made = new Session([client, server]).open()
    const said: [number, number] = [0, 0]
    for (const { side, length, acknowledge } of turns) {
      made.say(side, positions(said[side], length))
      said[side] += length
      if (acknowledge) made.acknowledge(side === 0 ? 1 : 0)
    }
    return made.close()
  })

function positions(from: number, length: number): Buffer {
  return Buffer.from(Array.from({ length }, (_, i) => ((from + i) * 7 + ((from + i) >>> 8)) & 0xff))
}

const chance = fc.infiniteStream(fc.nat(999))
type Chance = Iterator<number>
const roll = (dice: Chance): number => dice.next().value as number

/** Moves each segment by at most `reach` places. */
function shuffled(segments: readonly Segment[], reach: number, dice: Chance): Segment[] {
  const keyed = segments.map((made, index) => ({ made, key: index + (roll(dice) / 1000) * reach }))
  return keyed.sort((a, b) => a.key - b.key).map(({ made }) => made)
}

/** Cuts payloads in two, sends parts again, together with what came before or after. */
function resegmented(segments: readonly Segment[], dice: Chance): Segment[] {
  return segments.flatMap((made) => {
    const length = made.end - made.start
    const kind = roll(dice) % 4
    if (length < 2 || kind === 0) return [made]
    if (kind === 1) return [made, made]
    const at = 1 + (roll(dice) % (length - 1))
    const overlap = kind === 2 ? 0 : roll(dice) % (at + 1)
    return [part(made, 0, at), part(made, at - overlap, length)]
  })
}

function part(made: Segment, start: number, end: number): Segment {
  const piece = made.keep()
  piece.seq = (made.seq + start) >>> 0
  piece.start = start
  piece.end = end
  return piece
}

describe('reassembly', () => {
  it('gives the same streams however segments are cut, repeated, overlapped and shuffled', () => {
    fc.assert(
      fc.property(session, chance, fc.constantFrom(0, 2, 4, 6), (made, dice, reach) => {
        const roller = dice[Symbol.iterator]()
        const list = shuffled(resegmented(made.segments, roller), reach, roller)
        const [found, ...others] = gather(list)
        expect(others).toEqual([])
        expect(found).toMatchObject({ how: 'handshake', closed: 'fin', notices: [] })
        for (const side of [0, 1] as const) expect(found!.streams[side]).toEqual(wholly(made.stream(side)))
      }),
      { numRuns: 1500 },
    )
  })

  it('tells requests and replies in order when the capture is in order', () => {
    fc.assert(
      fc.property(session, (made) => {
        const expected = made.segments.filter((s) => s.end > s.start).map((s) => `bytes ${sideOf(made, s)}`)
        const { order } = gather(made.segments)[0]!
        expect(order.filter((kind) => kind.startsWith('bytes'))).toEqual(expected)
      }),
      { numRuns: 200 },
    )
  })

  it('turns lost and cut segments into gaps of their size and nothing else', () => {
    fc.assert(
      fc.property(session, chance, fc.integer({ min: 1, max: 9 }), (made, dice, rate) => {
        const roller = dice[Symbol.iterator]()
        const kept = made.segments.flatMap((s, index) => {
          const kind = roll(roller) % 10
          if (index < 2 || kind >= rate) return [s]
          if (kind % 2 === 0 || s.end === s.start) return []
          return [cutShort(s, roll(roller) % (s.end - s.start))]
        })
        const [found] = gather(kept)
        expect(found!.notices).toEqual([])
        for (const side of [0, 1] as const) {
          const held = heldBy(made, kept, side)
          expect(positionsOf(found!.streams[side], made.stream(side))).toEqual(held)
        }
      }),
      { numRuns: 1500 },
    )
  })

  it('keeps every byte at its position when segments are lost and shuffled', () => {
    fc.assert(
      fc.property(session, chance, (made, dice) => {
        const roller = dice[Symbol.iterator]()
        const kept = made.segments.filter((_, index) => index < 3 || roll(roller) % 5 > 0)
        const [found] = gather(shuffled(resegmented(kept, roller), 4, roller))
        expect(found!.notices).toEqual([])
        for (const side of [0, 1] as const) positionsOf(found!.streams[side], made.stream(side))
      }),
      { numRuns: 1000 },
    )
  })

  it('reads a capture that began anywhere, from there on', () => {
    fc.assert(
      fc.property(session, fc.nat(60), (made, skip) => {
        const rest = made.segments.slice(Math.min(skip, made.segments.length - 1))
        const found = gather(rest)[0]!
        const opener = sideOf(made, rest[0]!)
        for (const side of [0, 1] as const) {
          const expected = Buffer.concat(
            rest.filter((s) => sideOf(made, s) === side).map((s) => s.bytes.subarray(s.start, s.end)),
          )
          const direction = found.how === 'handshake' || opener === 0 ? side : 1 - side
          expect(found.streams[direction as Side]).toEqual(wholly(expected))
        }
      }),
      { numRuns: 500 },
    )
  })
})

function wholly(bytes: Buffer): Piece[] {
  return bytes.length === 0 ? [] : [bytes]
}

function sideOf(made: Session, s: Segment): Side {
  return s.flow === made.segments[0]!.flow ? 0 : 1
}

function cutShort(s: Segment, present: number): Segment {
  const { at, seq, ack, flags } = s
  const payload = s.bytes.subarray(0, present)
  return Object.assign(segment(0, { at, seq, ack, flags, payload, cut: s.end - present }), { flow: s.flow })
}

/** Positions in one side's stream of all payload bytes that these segments hold. */
function heldBy(made: Session, kept: readonly Segment[], side: Side): number[] {
  const syn = made.segments.find((s) => sideOf(made, s) === side && (s.flags & FLAG.SYN) !== 0)!
  const held = kept
    .filter((s) => sideOf(made, s) === side)
    .flatMap((s) => {
      const from = distance(syn.seq, s.seq) - 1
      return Array.from({ length: s.end - s.start }, (_, i) => from + i)
    })
  return held.sort((a, b) => a - b)
}

/** Positions at which bytes were delivered; fails where one is not the byte of that position. */
function positionsOf(stream: readonly Piece[], whole: Buffer): number[] {
  const found: number[] = []
  let position = 0
  for (const piece of stream) {
    if (!Buffer.isBuffer(piece)) {
      position += piece.missing
      continue
    }
    expect(piece.equals(whole.subarray(position, position + piece.length)), `bytes at ${position}`).toBe(true)
    for (let i = 0; i < piece.length; i++) found.push(position++)
  }
  // The number that a FIN takes may count as one byte where the FIN itself was lost, never more.
  expect(position).toBeLessThanOrEqual(whole.length + 1)
  return found
}
