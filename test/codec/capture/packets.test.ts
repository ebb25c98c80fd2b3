import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { endpointsOf } from '../../../src/codec/capture/flow.ts'
import { PacketReader } from '../../../src/codec/capture/packet.ts'
import { FLAG } from '../../../src/codec/capture/tcp.ts'
import {
  CLIENT,
  CLIENT_SIX,
  type Frame,
  fragmentsOf,
  LINKS,
  SERVER,
  SERVER_SIX,
  tcpPacket,
  withExtensions,
  withIpOptions,
} from '../../support/packets.ts'

const RAW = 101
const payload = Buffer.from('*1\r\n$4\r\nPING\r\n')
const four = tcpPacket({ seq: 7, ack: 9, flags: FLAG.ACK, payload })
const six = tcpPacket({ from: CLIENT_SIX, to: SERVER_SIX, seq: 7, ack: 9, payload })

/** Reads frames of one link type and returns each segment in a comparable form. */
function read(frames: readonly Frame[], linkType = RAW) {
  const seen: object[] = []
  const reader = new PacketReader(({ flow, seq, ack, flags, bytes, start, end, cut }) => {
    seen.push({ ...endpointsOf(flow), seq, ack, flags, text: bytes.toString('latin1', start, end), cut })
  })
  frames.forEach(({ bytes, at = 0, originalLength = bytes.length }, position) => {
    reader.packet({
      kind: 'packet',
      at,
      linkType,
      bytes: Buffer.from(bytes),
      originalLength,
      interfaceIndex: 0,
      comments: [],
      position,
    })
  })
  return { seen, counts: reader.counts, reader }
}

const expected = { seq: 7, ack: 9, flags: FLAG.ACK, text: payload.toString(), cut: 0 }
const expectedFour = { from: CLIENT, to: SERVER, ...expected }
const expectedSix = { from: CLIENT_SIX, to: SERVER_SIX, ...expected }

describe('link layers', () => {
  for (const [name, linkType, wrap] of LINKS) {
    it(`${name}: IPv4 and IPv6, padding left out, anything else counted`, () => {
      const padding = Buffer.alloc(9, 0xee)
      const frames = [wrap(four), Buffer.concat([wrap(six), padding])].map((bytes) => ({ bytes }))
      expect(read(frames, linkType).seen).toEqual([expectedFour, expectedSix])
      // Any prefix of a frame: never a segment with bytes that are not there, never a throw.
      for (let cut = 0; cut < frames[0]!.bytes.length; cut++) {
        const { seen } = read([{ bytes: frames[0]!.bytes.subarray(0, cut), originalLength: 200 }], linkType)
        for (const segment of seen as { text: string; cut: number }[]) {
          expect(segment.text.length + segment.cut).toBe(payload.length)
        }
      }
    })
  }

  it('count what cannot be read', () => {
    const { counts, reader } = read([{ bytes: four }], 147)
    expect(counts).toMatchObject({ packets: 1, unknownLink: 1, segments: 0 })
    expect(reader.unknownLinkType).toBe(147)
    const arp = Buffer.from('ffffffffffff0200000000020806' + '00'.repeat(28), 'hex')
    expect(read([{ bytes: arp }], 1).counts).toMatchObject({ notIp: 1, malformed: 0 })
  })
})

describe('IP', () => {
  it('options and extension headers stand before the TCP header', () => {
    const hopByHop = [0, Buffer.from('00010400000000', 'hex')] as const
    const routing = [43, Buffer.from('010400000000000000000000000000', 'hex')] as const
    const options = [60, Buffer.from('00010400000000', 'hex')] as const
    const authentication = [51, Buffer.from('0400000000010000000200' + '00'.repeat(12), 'hex')] as const
    const whole = [44, Buffer.from('00000000000001', 'hex')] as const
    const frames = [
      { bytes: withIpOptions(four, Buffer.from('0101010101010100', 'hex')) },
      { bytes: withExtensions(six, [hopByHop, routing, whole, options, authentication]) },
    ]
    expect(read(frames).seen).toEqual([expectedFour, expectedSix])
  })

  it('a length of 0 (TSO) means all that was captured', () => {
    const noLength = Buffer.from(four)
    noLength.writeUInt16BE(0, 2)
    const noLengthSix = Buffer.from(six)
    noLengthSix.writeUInt16BE(0, 4)
    expect(read([{ bytes: noLength }, { bytes: noLengthSix }]).seen).toEqual([expectedFour, expectedSix])
    // … and not what an absurd file says about the wire.
    const { seen } = read([{ bytes: noLength, originalLength: 0xffff_ffff }])
    expect((seen[0] as { cut: number }).cut).toBeLessThan(262_144)
  })

  it('a header that contradicts its packet is counted, not believed', () => {
    const edits: [number, number][] = [
      [0, 0x44],
      [0, 0x25],
      [3, 10],
      [32, 0x10],
      [32, 0xf0],
    ]
    for (const [at, value] of edits) {
      const bad = Buffer.from(four)
      bad[at] = value
      expect(read([{ bytes: bad }])).toMatchObject({ seen: [], counts: { malformed: 1 } })
    }
    const udp = Buffer.from(four)
    udp[9] = 17
    expect(read([{ bytes: udp }]).counts).toMatchObject({ notTcp: 1, malformed: 0 })
  })

  it('a packet cut by snaplen tells how many payload bytes are missing', () => {
    const cutAt = (length: number) =>
      read([{ bytes: four.subarray(0, length), originalLength: four.length }]).seen
    expect(cutAt(44)).toMatchObject([{ text: '*1\r\n', cut: 10 }])
    expect(cutAt(40)).toMatchObject([{ text: '', cut: 14 }])
    expect(cutAt(34)).toMatchObject([{ text: '', cut: 14, seq: 7 }])
    expect(cutAt(33)).toEqual([])
  })
})

describe('fragments', () => {
  const long = Buffer.alloc(5000, 'fragment ')
  const packets = [
    tcpPacket({ payload: long }),
    withExtensions(tcpPacket({ from: CLIENT_SIX, to: SERVER_SIX, payload: long }), []),
  ]
  const textOf = ({ seen }: ReturnType<typeof read>) => seen.map((s) => (s as { text: string }).text)

  it('in any order, repeated, are one packet', () => {
    const size = fc.integer({ min: 20, max: 300 }).map((n) => n * 8)
    fc.assert(
      fc.property(fc.constantFrom(...packets), size, fc.infiniteStream(fc.nat()), (packet, bytes, dice) => {
        const parts = fragmentsOf(packet, bytes).flatMap((part) => [part, part])
        const shuffled = parts.map((part) => ({ part, key: dice.next().value! }))
        shuffled.sort((a, b) => a.key - b.key)
        const texts = textOf(read(shuffled.map(({ part }) => ({ bytes: part }))))
        // The repeated pieces may by chance complete the packet a second time.
        expect(texts.length).toBeGreaterThan(0)
        for (const text of texts) expect(text).toBe(long.toString())
      }),
      { numRuns: 50 },
    )
  })

  it('of two packets do not mix', () => {
    const other = tcpPacket({ payload: Buffer.alloc(3000, 'x') })
    const parts = [fragmentsOf(packets[0]!, 1480, 1), fragmentsOf(other, 1480, 2)]
    const frames = [0, 1, 2, 3].flatMap((i) =>
      parts.flatMap((p) => (p[i] === undefined ? [] : [{ bytes: p[i] }])),
    )
    expect(textOf(read(frames))).toEqual(['x'.repeat(3000), long.toString()])
  })

  it('cut by snaplen give the bytes up to the first that is missing', () => {
    const frames = fragmentsOf(packets[0]!, 1480).map((part) => {
      return { bytes: part.subarray(0, 1000), originalLength: part.length }
    })
    expect(read(frames).seen).toMatchObject([{ text: long.toString().slice(0, 960), cut: 5000 - 960 }])
  })

  it('that stay incomplete are forgotten, by time and by number', () => {
    const parts = fragmentsOf(packets[0]!, 2504)
    expect(parts).toHaveLength(3)
    const at = (seconds: number) => seconds * 1e6
    const late = [0, 20, 40].map((seconds, i) => ({ bytes: parts[i]!, at: at(seconds) }))
    expect(read(late).seen).toEqual([])
    const flood = Array.from({ length: 100 }, (_, id) => ({
      bytes: fragmentsOf(packets[0]!, 2504, id + 10)[0]!,
    }))
    expect(read([{ bytes: parts[0]! }, ...flood, { bytes: parts[1]! }, { bytes: parts[2]! }]).seen).toEqual(
      [],
    )
    expect(
      read([{ bytes: parts[0]! }, ...flood.slice(40), { bytes: parts[1]! }, { bytes: parts[2]! }]).seen,
    ).toEqual(read([{ bytes: packets[0]! }]).seen)
  })
})

describe('hostile frames', () => {
  it('never throw, and never give bytes that were not captured', () => {
    const bases = LINKS.flatMap(([, linkType, wrap]) =>
      [four, six, fragmentsOf(four, 16)[0]!, fragmentsOf(six, 16)[1]!].map((ip) => ({
        linkType,
        bytes: wrap(ip),
      })),
    )
    const edits = fc.array(fc.tuple(fc.nat(80), fc.nat(255)), { maxLength: 5 })
    fc.assert(
      fc.property(fc.constantFrom(...bases), edits, fc.nat(120), (base, list, length) => {
        const bytes = Buffer.from(base.bytes)
        for (const [at, value] of list) if (at < bytes.length) bytes[at] = value
        const reader = new PacketReader((segment) => {
          expect(segment.start).toBeLessThanOrEqual(segment.end)
          expect(segment.end).toBeLessThanOrEqual(segment.bytes.length)
          expect(segment.cut).toBeGreaterThanOrEqual(0)
          expect(segment.cut).toBeLessThanOrEqual(262_144)
        })
        for (const originalLength of [length, 60, 0xffff_ffff]) {
          const frame = bytes.subarray(0, Math.min(length, originalLength))
          reader.packet({
            kind: 'packet',
            at: 0,
            linkType: base.linkType,
            bytes: frame,
            originalLength: Math.max(originalLength, frame.length),
            interfaceIndex: 0,
            comments: [],
            position: 0,
          })
        }
      }),
      { numRuns: 3000 },
    )
  })
})
