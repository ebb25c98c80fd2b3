import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CapturedPacket, CaptureEvent } from '../../../src/codec/capture/capture-event.ts'
import { captureFormat } from '../../../src/codec/capture/capture-format.ts'
import { decodeCapture } from '../../../src/codec/capture/decode.ts'
import { decodeEverySplit, type MakeDecoder, run } from '../../support/every-split.ts'
import { type Frame, PcapngBlocks, pcapFile, tcpPacket } from '../../support/packets.ts'

type SeenPacket = Omit<CapturedPacket, 'bytes'> & { hex: string }
type Seen = Exclude<CaptureEvent, CapturedPacket> | SeenPacket

const capture: MakeDecoder<Seen> = (emit) =>
  decodeCapture((event) => {
    if (event.kind !== 'packet') emit(event)
    else {
      const { bytes, ...rest } = event
      emit({ ...rest, hex: bytes.toString('hex') })
    }
  })

const isEnd = (event: Seen) => event.kind === 'truncated' || event.kind === 'fault'
const decode = (file: Buffer) => decodeEverySplit(capture, file, { isEnd })
const packetsOf = (events: readonly Seen[]) => events.filter((e) => e.kind === 'packet')

const AT = 1_795_000_000_123_456
const frames: Frame[] = [
  { bytes: tcpPacket({ payload: Buffer.from('one') }), at: AT },
  { bytes: Buffer.alloc(0), at: AT + 1, originalLength: 60 },
  { bytes: tcpPacket({ payload: Buffer.from('three') }).subarray(0, 41), at: AT + 2, originalLength: 1500 },
]
const asSeen = frames.map(({ bytes, at, originalLength = bytes.length }) => {
  return { at, hex: bytes.toString('hex'), originalLength }
})
const brief = ({ at, hex, originalLength }: SeenPacket) => ({ at, hex, originalLength })

describe('classic files', () => {
  for (const order of ['LE', 'BE'] as const) {
    for (const nanos of [false, true]) {
      it(`are read in byte order ${order}, ${nanos ? 'nanoseconds' : 'microseconds'}`, () => {
        const events = decode(pcapFile(frames, { order, nanos }))
        expect(events[0]).toMatchObject({ kind: 'interface', linkType: 101, snapLength: 262_144 })
        expect(packetsOf(events).map(brief)).toEqual(asSeen)
        expect(packetsOf(events).map((p) => p.position)).toEqual([24, 83, 99])
      })
    }
  }

  it('leave out a frame check sequence that the link type word announces', () => {
    const file = pcapFile([{ bytes: Buffer.from('aabbccddeeff0011', 'hex') }], { linkWord: 0x2400_0001 })
    expect(packetsOf(decode(file))).toMatchObject([{ hex: 'aabbccdd', originalLength: 4, linkType: 1 }])
  })

  it('refuse a packet that no tool can have captured, before waiting for it', () => {
    const file = pcapFile(frames)
    file.writeUInt32LE(0x7fff_fff0, 24 + 8)
    expect(decode(file).at(-1)).toMatchObject({ kind: 'fault', code: 'PCAP_PACKET_TOO_LONG', position: 24 })
  })

  it('report a tail that was cut off, and where it begins', () => {
    const whole = pcapFile(frames)
    for (const [cut, position] of [
      [1, 99],
      [whole.length - 24 - 1, 24],
      [whole.length - 20, 0],
    ] as const) {
      const events = run(capture, [whole.subarray(0, whole.length - cut)])
      expect(events.at(-1)).toMatchObject({ kind: 'truncated', position })
    }
    expect(run(capture, [whole]).some(isEnd)).toBe(false)
    expect(run(capture, [pcapFile([])])).toHaveLength(1)
  })

  it('refuse another version', () => {
    const file = pcapFile(frames)
    file.writeUInt16LE(3, 4)
    expect(decode(file)).toMatchObject([{ kind: 'fault', code: 'PCAP_BAD_VERSION', position: 4 }])
  })

  it('join a packet from tiny chunks without copying it anew for each', () => {
    const size = 262_144
    const file = pcapFile([{ bytes: Buffer.alloc(size, 7) }])
    let seen = 0
    const decoder = decodeCapture((event) => {
      if (event.kind === 'packet') seen = event.bytes.length
    })
    const started = performance.now()
    for (let at = 0; at < file.length; at += 4) decoder.push(file.subarray(at, at + 4))
    expect(seen).toBe(size)
    // Quadratic copying would move 8 GB here.
    expect(performance.now() - started).toBeLessThan(2000)
  })
})

describe('pcapng files', () => {
  for (const order of ['LE', 'BE'] as const) {
    const ng = new PcapngBlocks(order)

    it(`${order}: packets of all three kinds, with comments`, () => {
      const file = Buffer.concat([
        ng.section([
          [2, 'a machine'],
          [3, 'an OS'],
          [4, 'a tool\0'],
          [1, 'of the file'],
        ]),
        ng.interface(101, [
          [2, 'eth0'],
          [3, 'the first'],
        ]),
        ng.enhanced({ bytes: Buffer.from('abc'), at: AT }, [
          [1, 'first'],
          [2, Buffer.alloc(4)],
          [1, 'zwölf'],
        ]),
        ng.obsolete({ bytes: Buffer.from('defg'), at: AT + 1, originalLength: 99 }),
        ng.simple(Buffer.from('hi')),
      ])
      const events = decode(file)
      expect(events[0]).toMatchObject({
        kind: 'section',
        hardware: 'a machine',
        system: 'an OS',
        application: 'a tool',
        comments: ['of the file'],
      })
      expect(events[1]).toMatchObject({
        kind: 'interface',
        name: 'eth0',
        description: 'the first',
        linkType: 101,
      })
      expect(packetsOf(events)).toMatchObject([
        { hex: '616263', at: AT, comments: ['first', 'zwölf'], originalLength: 3 },
        { hex: '64656667', at: AT + 1, comments: [], originalLength: 99 },
        { hex: '6869', at: AT + 1, originalLength: 2 },
      ])
    })

    it(`${order}: names of addresses`, () => {
      const six = Buffer.concat([Buffer.from('20010db8', 'hex'), Buffer.alloc(11), Buffer.from('\x05six\0')])
      const records = [
        [1, Buffer.from('\x0a\x00\x00\x01master\0db-1\0', 'latin1')],
        [2, six],
        [9, Buffer.from('unknown')],
      ] as const
      const events = decode(Buffer.concat([ng.section(), ng.names(records)]))
      expect(events.slice(1)).toMatchObject([
        { kind: 'name', address: '10.0.0.1', names: ['master', 'db-1'] },
        { kind: 'name', address: '2001:db8::5', names: ['six'] },
      ])
    })

    it(`${order}: time resolutions and offsets, exactly where microseconds are whole`, () => {
      const seconds = 1_795_000_000
      const rows: [resolution: number, units: bigint][] = [
        [0, 1n],
        [3, 1_000n],
        [6, 1_000_000n],
        [9, 1_000_000_000n],
        [0x80 | 20, 1n << 20n],
        [0x80 | 32, 1n << 32n],
      ]
      for (const [resolution, units] of rows) {
        const ticks = BigInt(seconds) * units + units / 4n
        const time = [Number(ticks >> 32n), Number(ticks & 0xffffffffn)] as const
        const offset = Buffer.alloc(8)
        offset[order === 'LE' ? 'writeBigInt64LE' : 'writeBigInt64BE'](-3600n)
        const file = Buffer.concat([
          ng.section(),
          ng.interface(101, [[9, Buffer.of(resolution)]]),
          ng.interface(101, [
            [9, Buffer.of(resolution)],
            [14, offset],
          ]),
          ng.enhanced({ bytes: Buffer.from('x'), time }),
          ng.enhanced({ bytes: Buffer.from('x'), time, index: 1 }),
        ])
        const quarter = units >= 4n ? 250_000 : 0
        const at = seconds * 1e6 + quarter
        expect(packetsOf(run(capture, [file])).map((p) => p.at)).toEqual([at, at - 3600e6])
      }
    })

    it(`${order}: each section has its own byte order and interfaces`, () => {
      const other = new PcapngBlocks(order === 'LE' ? 'BE' : 'LE')
      const file = Buffer.concat([
        ng.section(),
        ng.interface(1),
        ng.enhanced({ bytes: Buffer.from('a') }),
        other.section(),
        other.interface(113),
        other.interface(276),
        other.enhanced({ bytes: Buffer.from('b'), index: 1 }),
      ])
      expect(packetsOf(decode(file))).toMatchObject([{ linkType: 1 }, { linkType: 276, interfaceIndex: 1 }])
    })
  }

  const ng = new PcapngBlocks()

  it('leave out a frame check sequence, in bytes or in bits', () => {
    const bytes = Buffer.from('aabbccddeeff0011', 'hex')
    const blocks = [4, 32].flatMap((length) => [
      ng.section(),
      ng.interface(1, [[13, Buffer.of(length)]]),
      ng.enhanced({ bytes }),
    ])
    const seen = packetsOf(decode(Buffer.concat(blocks)))
    expect(seen.map((p) => [p.hex, p.originalLength])).toEqual([
      ['aabbccdd', 4],
      ['aabbccdd', 4],
    ])
  })

  it('cut a simple packet at the snapshot length', () => {
    const file = Buffer.concat([ng.section(), ng.interface(101, [], 2), ng.simple(Buffer.from('abcd'), 900)])
    expect(packetsOf(decode(file))).toMatchObject([{ hex: '6162', originalLength: 900 }])
  })

  it('skip what they do not know, however long, without holding it', () => {
    const secrets = ng.block(10, Buffer.alloc(3_000_000, 1))
    const file = Buffer.concat([
      ng.section(),
      secrets,
      ng.interface(101),
      ng.enhanced({ bytes: Buffer.from('a') }),
    ])
    expect(packetsOf(run(capture, [file.subarray(0, 5000), file.subarray(5000)]))).toHaveLength(1)
  })

  it('leave out a packet that contradicts its block, and go on', () => {
    const tooLong = ng.enhanced({ bytes: Buffer.from('abcd') })
    tooLong.writeUInt32LE(5000, 20)
    const file = Buffer.concat([
      ng.section(),
      ng.interface(101),
      tooLong,
      ng.enhanced({ bytes: Buffer.from('abcd'), index: 3 }),
      ng.block(6, Buffer.alloc(4)),
      ng.enhanced({ bytes: Buffer.from('good') }),
    ])
    const events = decode(file)
    expect(events.slice(2).map((e) => ('code' in e ? e.code : e.kind))).toEqual([
      'PCAPNG_BAD_PACKET_LENGTH',
      'PCAPNG_NO_INTERFACE',
      'PCAPNG_PACKET_CUT_SHORT',
      'packet',
    ])
  })

  it('stop where a length cannot be', () => {
    const start = ng.section()
    const withLength = (length: number, type = 6) => {
      const block = ng.block(type, Buffer.alloc(40))
      block.writeUInt32LE(length, 4)
      return decode(Buffer.concat([start, ng.interface(101), block])).at(-1)
    }
    const position = start.length + 20
    expect(withLength(8)).toMatchObject({ kind: 'fault', code: 'PCAPNG_BAD_LENGTH', position })
    expect(withLength(53)).toMatchObject({ kind: 'fault', code: 'PCAPNG_BAD_LENGTH', position })
    expect(withLength(48)).toMatchObject({ kind: 'fault', code: 'PCAPNG_LENGTHS_DIFFER', position })
    expect(withLength(0x7000_0000)).toMatchObject({ kind: 'fault', code: 'PCAPNG_BLOCK_TOO_LONG', position })
    // A block that is skipped anyway may claim any length: the file is then cut short.
    expect(withLength(0x7000_0000, 77)).toMatchObject({ kind: 'truncated', position })
  })

  it('do not let a file declare interfaces without end', () => {
    const file = Buffer.concat([ng.section(), ...new Array<Buffer>(5000).fill(ng.interface(101))])
    expect(run(capture, [file]).at(-1)).toMatchObject({ kind: 'fault', code: 'PCAPNG_TOO_MANY_INTERFACES' })
  })
})

describe('what is no capture file', () => {
  it('is named by what its bytes look like', () => {
    const looksLike = (text: string) => captureFormat(Buffer.from(text, 'latin1'))
    expect(looksLike('\x1f\x8b\x08\x00')).toEqual({ format: 'gzip' })
    expect(looksLike('REDIS0011')).toMatchObject({ looksLike: expect.stringContaining('Redis snapshot') })
    expect(looksLike('*3\r\n$3')).toMatchObject({ looksLike: expect.stringContaining('RESP') })
    expect(looksLike('\x28\xb5\x2f\xfd')).toMatchObject({ looksLike: expect.stringContaining('zstd') })
    expect(looksLike('hello')).toMatchObject({ looksLike: 'text beginning with "hell"' })
    expect(looksLike('\x00\x01\x02\x03')).toMatchObject({ looksLike: 'bytes 00 01 02 03' })
    for (const input of ['', '\x0a', 'hello', '\x1f\x8b\x08\x00']) {
      const events = run(capture, [Buffer.from(input, 'latin1')])
      expect(events).toMatchObject([{ kind: 'fault', code: 'CAPTURE_UNKNOWN_FORMAT', position: 0 }])
    }
  })
})

describe('hostile files', () => {
  const ng = new PcapngBlocks('BE')
  const good = [
    pcapFile(frames),
    pcapFile(frames, { order: 'BE', nanos: true }),
    Buffer.concat([
      ng.section([[4, 'tool']]),
      ng.interface(101, [[9, Buffer.of(9)]]),
      ...frames.map((frame) => ng.enhanced(frame, [[1, 'a comment']])),
      ng.names([[1, Buffer.from('\x0a\x00\x00\x01host\0', 'latin1')]]),
    ]),
  ]
  const mutation = fc.record({
    file: fc.constantFrom(...good),
    edits: fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 6 }),
    cut: fc.nat(400),
    tail: fc.uint8Array({ maxLength: 60 }),
  })

  it('never throw, and end in at most one fault, which says where', () => {
    fc.assert(
      fc.property(mutation, ({ file, edits, cut, tail }) => {
        const input = Buffer.concat([file.subarray(0, file.length - (cut % 50)), tail])
        for (const [at, value] of edits) input[at % input.length] = value
        const events = decodeEverySplit(capture, input, { truncations: false })
        const faults = events.filter((e) => e.kind === 'fault')
        expect(faults.length).toBeLessThanOrEqual(1)
        if (faults.length === 1) expect(events.at(-1)).toBe(faults[0])
        for (const event of events) {
          expect(event.position).toBeGreaterThanOrEqual(0)
          expect(event.position).toBeLessThanOrEqual(input.length)
        }
        for (const packet of packetsOf(events)) expect(Number.isFinite(packet.at)).toBe(true)
      }),
      { numRuns: 60 },
    )
  })

  it('include bytes that are nothing at all', () => {
    fc.assert(
      fc.property(fc.constantFrom(...good), fc.uint8Array({ maxLength: 300 }), (file, noise) => {
        run(capture, [file.subarray(0, 28), Buffer.from(noise)])
        run(capture, [Buffer.from(noise)])
      }),
      { numRuns: 300 },
    )
  })
})
