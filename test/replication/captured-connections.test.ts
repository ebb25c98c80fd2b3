/** Who is who in a capture, and what is no Redis at all. */
import { describe, expect, it } from 'vitest'
import { fromText } from '../../src/bytes/byte-string.ts'
import { encodeCommand } from '../../src/codec/resp/encode.ts'
import { captureOf, connection, type Line } from '../support/conversation-capture.ts'
import { decodeFiles } from '../support/live-capture.ts'

const c = (text: string) => encodeCommand(text.split(' ').map(fromText))
const MASTER = '10.0.0.2:6379'

const stream: Line[] = [
  [1, c('SELECT 0')],
  [1, Buffer.concat([c('SET a 1'), c('SET b 2')])],
  [0, c('REPLCONF ACK 5000')],
  [1, c('PING')],
  [0, c('REPLCONF ACK 5014')],
  [1, c('SET c 3')],
  [0, c('REPLCONF ACK 5041')],
  [0, c('REPLCONF ACK 5041')],
]

const mirrored = (lines: readonly Line[]): Line[] =>
  lines.map(([side, bytes]) => [side === 0 ? 1 : 0, bytes] as const)

/** `role replica master` of each connection that is shown. */
const opened = (capture: Buffer) =>
  decodeFiles([capture]).events.flatMap((e) =>
    e.kind === 'opened' ? [`${e.role} ${e.replica} ${e.master}`] : [],
  )

const strangers = (capture: Buffer) => {
  const { events, strangers: found } = decodeFiles([capture])
  expect(events).toEqual([])
  return found.map(({ protocol, address, connections }) => `${connections} ${protocol} ${address}`)
}

describe('in the middle of a connection', () => {
  it('who acknowledges is the replica, wherever it connected from', () => {
    expect(opened(captureOf(connection(stream, { middle: true })))).toEqual([
      `replica 10.0.0.1:40001 ${MASTER}`,
    ])
    expect(opened(captureOf(connection(mirrored(stream), { middle: true })))).toEqual([
      `replica ${MASTER} 10.0.0.1:40001`,
    ])
  })

  it('who gets replies is a client', () => {
    const talk: Line[] = [
      [0, c('SET k v')],
      [1, '+OK\r\n'],
    ]
    expect(opened(captureOf(connection(talk, { middle: true })))).toEqual([`client 10.0.0.1:40001 ${MASTER}`])
    expect(opened(captureOf(connection(mirrored(talk), { middle: true })))).toEqual([
      `client ${MASTER} 10.0.0.1:40001`,
    ])
  })

  it('a stream that nobody answers comes from the master, even if nobody acknowledges', () => {
    const only: Line[] = Array.from({ length: 20 }, (_, i) => [0, c(`SET k${i} v`)] as const)
    expect(opened(captureOf(connection(only, { middle: true, open: true })))).toEqual([
      expect.stringContaining(`${MASTER} 10.0.0.1:40001`),
    ])
  })

  it('an address that is a master elsewhere is one here', () => {
    const silent: Line[] = [[1, '\x00\x01binary']]
    const capture = captureOf(
      connection(stream, { middle: true }),
      connection(silent, { middle: true, port: 40_002, pace: 100_000 }),
    )
    expect(opened(capture)[1]).toMatch(/10\.0\.0\.1:40002 10\.0\.0\.2:6379$/)
  })

  it('of a snapshot, little is kept, and what was skimmed is a gap', () => {
    const noise = Buffer.alloc(3_000_000, '\x81\xfe\x00noise')
    const lines: Line[] = [[1, noise], ...stream, ...stream.slice(1)]
    const { events } = decodeFiles([captureOf(connection(lines, { middle: true }))])
    const gaps = events.flatMap((e) => (e.kind === 'gap' ? [e.missing] : []))
    expect(gaps.length).toBe(1)
    expect(gaps[0]).toBeGreaterThan(1_900_000)
    expect(events.filter((e) => e.kind === 'command').length).toBeGreaterThan(3)
    expect(events.filter((e) => e.kind === 'fault')).toEqual([])
  })
})

describe('from the beginning of a connection', () => {
  it.each<[string, Line[]]>([
    ['a command', [[0, c('PING')]]],
    ['a command that comes byte by byte', [...c('GET k').toString()].map((char) => [0, char] as const)],
    [
      'an inline command',
      [
        [0, 'PING\r\n'],
        [1, '+PONG\r\n'],
      ],
    ],
    [
      'an inline command of any name, answered in RESP',
      [
        [0, 'frobnicate it\r\n'],
        [1, '-ERR unknown command\r\n'],
      ],
    ],
    [
      'an old SYNC',
      [
        [0, 'SYNC\r\n'],
        [1, '$0\r\n'],
      ],
    ],
    ['being turned away', [[1, '-ERR max number of clients reached\r\n']]],
  ])('%s is Redis', (_, lines) => {
    expect(opened(captureOf(connection(lines)))).toEqual([
      expect.stringContaining(`10.0.0.1:40001 ${MASTER}`),
    ])
  })

  it.each<[string, Line[], string]>([
    [
      'HTTP',
      [
        [0, 'GET /index.html HTTP/1.1\r\nHost: x\r\n\r\n'],
        [1, 'HTTP/1.1 200 OK\r\n\r\n'],
      ],
      '1 HTTP',
    ],
    ['HTTP/2', [[0, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n']], '1 HTTP'],
    [
      'ssh',
      [
        [1, 'SSH-2.0-OpenSSH_9.2\r\n'],
        [0, 'SSH-2.0-x\r\n'],
      ],
      '1 SSH',
    ],
    ['TLS', [[0, Buffer.from('1603010200010001fc0303', 'hex')]], '1 TLS'],
    [
      'mail',
      [
        [1, '220 mail.example ESMTP\r\n'],
        [0, 'EHLO x\r\n'],
      ],
      '1 other',
    ],
    [
      'memcached',
      [
        [0, 'get k\r\n'],
        [1, 'END\r\n'],
      ],
      '1 other',
    ],
    [
      'binary',
      [
        [0, '\x00\x00\x00\x2a\x01'],
        [1, '\x02\x03'],
      ],
      '1 other',
    ],
    ['nothing', [], '1 silent'],
  ])('%s is counted, not shown', (_, lines, expected) => {
    expect(strangers(captureOf(connection(lines)))).toEqual([`${expected} ${MASTER}`])
  })

  it('who was connected before and says nothing is left out, also where the master is known', () => {
    const silent = connection([], { middle: true, port: 40_002, pace: 900_000 })
    const capture = captureOf(connection([[0, c('PING')]]), silent)
    expect(opened(capture)).toHaveLength(1)
    expect(decodeFiles([capture]).strangers).toEqual([
      { protocol: 'silent', address: MASTER, connections: 1 },
    ])
  })

  it('strangers are summed up by protocol and address', () => {
    const http: Line[] = [[0, 'GET / HTTP/1.1\r\n\r\n']]
    const web = { host: '10.0.0.9', port: 80 }
    const capture = captureOf(
      ...[1, 2, 3].map((n) => connection(http, { port: 50_000 + n, server: web })),
      connection(http, { port: 50_009 }),
    )
    expect(strangers(capture).sort()).toEqual([`1 HTTP ${MASTER}`, '3 HTTP 10.0.0.9:80'])
  })

  it('a long stranger that was there before the capture is recognised too', () => {
    const record = Buffer.concat([Buffer.from('1703030400', 'hex'), Buffer.alloc(1024, 0xa7)])
    const lines: Line[] = Array.from({ length: 40 }, (_, i) => [(i % 2) as 0 | 1, record] as const)
    expect(strangers(captureOf(connection(lines, { middle: true })))).toEqual([`1 TLS ${MASTER}`])
  })
})
