import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeCapture } from '../../../src/codec/capture/decode.ts'
import { PacketReader } from '../../../src/codec/capture/packet.ts'
import { PcapngWriter } from '../../../src/codec/capture/pcapng-writer.ts'
import { Reassembly } from '../../../src/codec/capture/reassembly.ts'
import { RecordedConnection } from '../../../src/codec/capture/recorded-connection.ts'
import type { TcpEvent } from '../../../src/codec/capture/tcp-event.ts'
import { followStreams, itWith, runTool } from '../../support/capture-tools.ts'

const AT = 1_795_000_000_123_456

/** Records with `write` and returns the file. */
function record(write: (writer: PcapngWriter) => void): Buffer {
  const blocks: Buffer[] = []
  write(new PcapngWriter((block) => blocks.push(block), 'syncscope test'))
  return Buffer.concat(blocks)
}

function readBack(file: Buffer) {
  const tcp: TcpEvent[] = []
  const comments: string[] = []
  const times: number[] = []
  const reassembly = new Reassembly((event) => {
    tcp.push(event.kind === 'bytes' ? { ...event, bytes: Buffer.from(event.bytes) } : event)
  })
  const reader = new PacketReader((segment) => reassembly.segment(segment))
  const decoder = decodeCapture((event) => {
    if (event.kind === 'packet') {
      reader.packet(event)
      comments.push(...event.comments)
      times.push(event.at)
    } else if (event.kind !== 'section' && event.kind !== 'interface') throw new Error(JSON.stringify(event))
  })
  decoder.push(file)
  decoder.end()
  reassembly.end()
  return { tcp, comments, times }
}

const stream = (tcp: readonly TcpEvent[], direction: number, connection = 1) =>
  Buffer.concat(
    tcp.flatMap((e) =>
      e.kind === 'bytes' && e.direction === direction && e.connection === connection ? [e.bytes] : [],
    ),
  )

/** More than one side may leave unacknowledged; RESP, so that tshark's dissector has something to join. */
const LONG = Buffer.from(`$1500000\r\n${'long value '.repeat(137_000).slice(0, 1_500_000)}\r\n`)

/** A recording with everything in it: both families, a unix socket, long slices, a reset, a hole, a used port. */
function everything(): Buffer {
  return record((writer) => {
    const four = new RecordedConnection(writer, 1, '10.1.2.3:40001', '10.1.2.4:6379')
    four.open(AT)
    four.bytes(0, Buffer.from('PING\r\n'), AT + 10, ['a ping: "PING"', 'zwölf'])
    four.bytes(1, Buffer.from('+PONG\r\n'), AT + 20)
    four.bytes(1, LONG, AT + 30, ['a long value'])
    four.bytes(0, Buffer.from('*3\r\n'), AT + 40, ['x'.repeat(70_000)])
    four.finish(0, AT + 50)
    four.finish(1, AT + 60)
    const six = new RecordedConnection(writer, 2, '[2001:db8::7]:40002', '[::1]:6379')
    six.open(AT + 70)
    six.bytes(1, LONG, AT + 80)
    six.reset(0, AT + 90)
    const unix = new RecordedConnection(writer, 3, 'unix:(anonymous)', 'unix:/run/redis.sock')
    unix.open(AT + 100)
    unix.bytes(0, Buffer.from('odd'), AT + 110)
    const again = new RecordedConnection(writer, 4, '10.1.2.3:40001', '10.1.2.4:6379')
    again.open(AT + 120)
    again.bytes(0, Buffer.from('again'), AT + 130)
    again.lost(1, 1234, AT + 140)
    again.bytes(1, Buffer.from('after the hole'), AT + 150)
    again.finish(1, AT + 160)
    again.finish(0, AT + 170)
  })
}

describe('a recording', () => {
  it('is read back to the same bytes, ends, comments and times', () => {
    const { tcp, comments, times } = readBack(everything())
    expect(stream(tcp, 0).toString()).toBe('PING\r\n*3\r\n')
    expect(stream(tcp, 1).equals(Buffer.concat([Buffer.from('+PONG\r\n'), LONG]))).toBe(true)
    expect(stream(tcp, 1, 2).equals(LONG)).toBe(true)
    expect(stream(tcp, 0, 3).toString()).toBe('odd')
    expect(tcp.filter((e) => e.kind === 'opened')).toMatchObject([
      {
        from: { host: '10.1.2.3', port: 40_001 },
        to: { host: '10.1.2.4', port: 6379 },
        how: 'handshake',
        at: AT,
      },
      { from: { host: '2001:db8::7', port: 40_002 }, to: { host: '::1', port: 6379 } },
      { from: { host: '192.0.2.1' }, to: { host: '192.0.2.2', port: 6379 } },
      { from: { host: '10.1.2.3', port: 40_001 } },
    ])
    expect(tcp.flatMap((e) => (e.kind === 'closed' ? [[e.connection, e.how]] : [])).sort()).toEqual([
      [1, 'fin'],
      [2, 'reset'],
      [3, 'end-of-input'],
      [4, 'fin'],
    ])
    expect(tcp.filter((e) => e.kind === 'gap')).toMatchObject([
      { connection: 4, direction: 1, missing: 1234 },
    ])
    expect(tcp.some((e) => e.kind === 'notice')).toBe(false)
    expect(comments[0]).toBe('a ping: "PING"')
    expect(comments[1]).toBe('zwölf')
    expect(comments).toContain('from unix:(anonymous) to unix:/run/redis.sock')
    expect(Math.max(...comments.map((comment) => comment.length))).toBe(8192)
    expect(times[0]).toBe(AT)
    expect(times.at(-1)).toBe(AT + 170)
  })

  it('gives back any slices of any two sides', () => {
    const slices = fc.array(
      fc.tuple(fc.constantFrom(0 as const, 1 as const), fc.uint8Array({ maxLength: 300 })),
    )
    fc.assert(
      fc.property(slices, fc.nat(1e6), (list, number) => {
        const file = record((writer) => {
          const connection = new RecordedConnection(writer, number, '127.0.0.1:1', '127.0.0.1:2')
          connection.open(AT)
          for (const [direction, bytes] of list) connection.bytes(direction, Buffer.from(bytes), AT)
        })
        const { tcp } = readBack(file)
        for (const direction of [0, 1]) {
          const said = list.filter(([d]) => d === direction).map(([, bytes]) => Buffer.from(bytes))
          expect(stream(tcp, direction)).toEqual(Buffer.concat(said))
        }
        expect(tcp.some((e) => e.kind === 'gap' || e.kind === 'notice')).toBe(false)
      }),
      { numRuns: 100 },
    )
  })

  it('joins peers of different families as mapped addresses', () => {
    const file = record((writer) =>
      new RecordedConnection(writer, 1, '10.0.0.1:5', '[2001:db8::1]:6').open(AT),
    )
    expect(readBack(file).tcp[0]).toMatchObject({
      from: { host: '::ffff:a00:1' },
      to: { host: '2001:db8::1' },
    })
  })
})

describe('a recording in other hands', () => {
  const inFile = (file: Buffer, use: (path: string) => void) => {
    const folder = mkdtempSync(join(tmpdir(), 'syncscope-'))
    try {
      const path = join(folder, 'recording.pcapng')
      writeFileSync(path, file)
      use(path)
    } finally {
      rmSync(folder, { recursive: true })
    }
  }

  itWith(['tcpdump'], 'tcpdump reads it, and every checksum is right', () => {
    inFile(everything(), (path) => {
      const { stdout, stderr } = runTool('tcpdump', ['-nn', '-vvv', '-r', path])
      expect(stderr).toMatch(/^reading from file .*\n$/)
      expect(stdout).not.toMatch(/incorrect|bad|truncated|invalid|missing/i)
      expect(stdout.match(/cksum 0x[0-9a-f]+ \(correct\)/g)!.length).toBeGreaterThan(60)
    })
  })

  itWith(['tshark'], 'tshark reads it without malformed packets, and finds the same streams', () => {
    inFile(everything(), (path) => {
      const checks = ['-o', 'tcp.check_checksum:TRUE', '-o', 'ip.check_checksum:TRUE']
      const bad =
        '_ws.malformed || tcp.checksum.status == 0 || ip.checksum.status == 0 || _ws.expert.severity >= 8388608'
      const { stdout, stderr } = runTool('tshark', [...checks, '-r', path, '-Y', bad])
      expect(stdout).toBe('')
      expect(stderr.replace(/^Running as user.*\n/m, '')).toBe('')
      const comments = runTool('tshark', [
        '-r',
        path,
        '-T',
        'fields',
        '-e',
        'frame.comment',
        '-Y',
        'frame.comment',
      ])
      expect(comments.stdout).toContain('a ping: "PING",zwölf')
      const { tcp } = readBack(everything())
      const followed = followStreams(path)
      expect(followed[0]).toEqual([stream(tcp, 0), stream(tcp, 1)])
      expect(followed[2]![0].toString()).toBe('odd')
    })
  })
})
