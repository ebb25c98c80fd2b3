/** One event of each kind, to be varied by tests of what is made of events. */
import fc from 'fast-check'
import type { ByteString } from '../../src/bytes/byte-string.ts'
import type { MaybeLong } from '../../src/bytes/long-bytes.ts'
import { KeptCommand } from '../../src/codec/resp/command.ts'
import { splitInline } from '../../src/codec/resp/inline.ts'
import type { RespValue } from '../../src/codec/resp/values.ts'
import type { ReplEvent, ReplKind } from '../../src/replication/events.ts'

const ORIGIN = { link: 1, conn: 1, side: 'master', at: 1_700_000_000_123_456, from: 0, to: 14 } as const

export const ID = 'a3401045640fafea747d9e935807a0621ae9e0d5' as ByteString

export const command = (text: string) => new KeptCommand(splitInline(text)!)

/** Typical events; `sample('ack')` is one, `{ ...sample('ack'), offset: 5 }` another. */
const SAMPLES: { readonly [K in ReplKind]: Extract<ReplEvent, { kind: K }> } = {
  opened: { kind: 'opened', ...ORIGIN, replica: '10.0.0.1:50000', master: '10.0.0.2:6379', role: 'replica' },
  request: { kind: 'request', ...ORIGIN, side: 'replica', command: command('PSYNC ? -1'), state: 'client' },
  reply: {
    kind: 'reply',
    ...ORIGIN,
    value: { type: 'simple', value: 'PONG' as ByteString },
    error: false,
    answers: 'PING',
    state: 'client',
  },
  stripped: {
    kind: 'stripped',
    ...ORIGIN,
    side: 'replica',
    capabilities: ['eof'],
    sent: command('REPLCONF capa psync2'),
  },
  resync: { kind: 'resync', ...ORIGIN, mode: 'full', replid: ID, offset: 100, asked: undefined },
  'snapshot-begin': { kind: 'snapshot-begin', ...ORIGIN, framing: 'length', bytes: 1500, mark: undefined },
  tally: { kind: 'tally', ...ORIGIN, entries: new Map([['SET', { count: 2, bytes: 62 }]]), end: 128 },
  live: { kind: 'live', ...ORIGIN, side: 'replica', offset: 100, buffered: 1500, duration: 20_000 },
  anchor: { kind: 'anchor', ...ORIGIN, offset: 100, by: 'ack', held: 3, correction: 0 },
  'snapshot-slice': { kind: 'snapshot-slice', ...ORIGIN, slice: Buffer.from('REDIS') },
  'snapshot-aux': {
    kind: 'snapshot-aux',
    ...ORIGIN,
    name: 'redis-ver' as ByteString,
    value: '7.0.15' as ByteString,
  },
  'snapshot-key': {
    kind: 'snapshot-key',
    ...ORIGIN,
    db: 0,
    key: 'user:1' as ByteString,
    type: 'hash',
    encoding: 'listpack',
    items: 3,
    bytes: 41,
    expireAt: undefined,
    module: undefined,
    value: undefined,
  },
  'snapshot-end': {
    kind: 'snapshot-end',
    ...ORIGIN,
    bytes: 1500,
    duration: 20_000,
    keys: 3,
    rdbVersion: 10,
    checksum: 'good',
  },
  command: {
    kind: 'command',
    ...ORIGIN,
    start: 100,
    end: 127,
    db: 0,
    tx: undefined,
    command: command('SET k v'),
  },
  ping: { kind: 'ping', ...ORIGIN, start: 127, end: 141 },
  getack: { kind: 'getack', ...ORIGIN, start: 141, end: 178 },
  ack: {
    kind: 'ack',
    ...ORIGIN,
    side: 'replica',
    offset: 127,
    fsynced: undefined,
    lagBytes: 51,
    lag: 400,
  },
  heartbeat: { kind: 'heartbeat', ...ORIGIN },
  gap: { kind: 'gap', ...ORIGIN, missing: 1460 },
  fault: {
    kind: 'fault',
    ...ORIGIN,
    code: 'RESP_BAD_TYPE',
    detail: '"x" begins no RESP value',
    position: 77,
    fatal: true,
  },
  overflow: { kind: 'overflow', ...ORIGIN, dropped: 12 },
  closed: {
    kind: 'closed',
    ...ORIGIN,
    side: 'replica',
    how: 'fin',
    during: 'streaming',
    bytes: { master: 1000, replica: 200 },
  },
}

export function sample<K extends ReplKind>(kind: K): Extract<ReplEvent, { kind: K }> {
  return SAMPLES[kind]
}

export const samples: readonly ReplEvent[] = Object.values(SAMPLES)

// --- hostile ones: whatever bytes the wire can put into an event -------------------------------------------

const hostile = fc.oneof(
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString('latin1') as ByteString),
  fc
    .constantFrom('\x1b[2J', '\r\n', '\0', '\x7f', '\x9b31m', '(redacted)', '…', '', '"', '\\x00')
    .map((text) => Buffer.from(text, 'latin1').toString('latin1') as ByteString),
)
const maybeLong: fc.Arbitrary<MaybeLong> = fc.oneof(
  hostile,
  hostile.map((bytes) => ({
    bytes: 1_000_000,
    preview: bytes.slice(0, 64) as ByteString,
    sha256: undefined,
  })),
)
const rdbString = fc.oneof(
  hostile,
  hostile.map((bytes) => ({ bytes: 1_000_000, preview: bytes.slice(0, 64) as ByteString, hash: 'abc' })),
)
const leaf: fc.Arbitrary<RespValue> = fc.oneof(
  hostile.map((value): RespValue => ({ type: 'simple', value })),
  maybeLong.map((value): RespValue => ({ type: 'error', value })),
  maybeLong.map((value): RespValue => ({ type: 'bulk', value })),
  fc.tuple(hostile, maybeLong).map(([format, value]): RespValue => ({ type: 'verbatim', format, value })),
  fc.double().map((value): RespValue => ({ type: 'double', value })),
  fc.bigInt().map((value): RespValue => ({ type: 'integer', value })),
  fc.boolean().map((value): RespValue => ({ type: 'boolean', value })),
  fc.constant<RespValue>({ type: 'null' }),
)
const { value: respValue } = fc.letrec<{ value: RespValue; items: RespValue[] }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    leaf,
    fc
      .tuple(fc.constantFrom('array', 'set', 'push') as fc.Arbitrary<'array'>, tie('items'), fc.nat(3))
      .map(([type, items, more]): RespValue => ({ type, items, length: items.length + more })),
    fc
      .tuple(fc.constantFrom('map', 'attribute') as fc.Arbitrary<'map'>, tie('items'), fc.nat(3))
      .map(([type, items, more]): RespValue => {
        const pairs = items.slice(0, items.length - (items.length % 2))
        return { type, items: pairs, length: pairs.length / 2 + more }
      }),
  ),
  items: fc.array(tie('value'), { maxLength: 10 }),
}))
const anyCommand = fc
  .tuple(fc.array(maybeLong, { minLength: 1, maxLength: 12 }), fc.nat(3))
  .map(([argv, more]) => new KeptCommand(argv, argv.length + more))

/** Events with bytes in them that somebody chose to do harm. */
export const hostileEvents: fc.Arbitrary<ReplEvent> = fc.oneof(
  anyCommand.map((command): ReplEvent => ({ ...sample('request'), command })),
  anyCommand.map((command): ReplEvent => ({ ...sample('command'), command })),
  anyCommand.map((sent): ReplEvent => ({ ...sample('stripped'), sent })),
  fc
    .tuple(respValue, fc.boolean())
    .map(([value, error]): ReplEvent => ({ ...sample('reply'), value, error, answers: 'GET' })),
  hostile.map((replid): ReplEvent => ({ ...sample('resync'), replid, asked: { replid, offset: 5 } })),
  hostile.map(
    (replid): ReplEvent => ({
      ...sample('resync'),
      mode: 'partial',
      replid,
      asked: { replid: ID, offset: 5 },
    }),
  ),
  hostile.map(
    (mark): ReplEvent => ({ ...sample('snapshot-begin'), framing: 'mark', bytes: undefined, mark }),
  ),
  fc
    .tuple(rdbString, rdbString)
    .map(([name, value]): ReplEvent => ({ ...sample('snapshot-aux'), name, value }) as ReplEvent),
  rdbString.map((key): ReplEvent => ({ ...sample('snapshot-key'), key }) as ReplEvent),
  fc.string({ unit: 'binary' }).map((detail): ReplEvent => ({ ...sample('fault'), detail })),
)
