/**
 * CommandWords: plausible and odd words for the arguments of commands, by what COMMAND DOCS calls them.
 *
 * Keys hold what `SEEDING` puts there; names tell the type. Words that would make a server build half a
 * gigabyte (SETRANGE at 2^29) or billions of replies (SRANDMEMBER -2^31) are left out; times are far away or
 * long past, so that nothing expires while two servers are compared.
 */
import type { Words } from './reference.ts'

/** Keys by the group of commands that they are of use to. */
export const KEYS: Readonly<Record<string, readonly string[]>> = {
  string: ['s1', 's2', 'int', 'flt', 'new', 'nokey'],
  bitmap: ['bits', 's1', 'int', 'new'],
  list: ['l1', 'l2', 'nums', 'new', 'nokey'],
  set: ['set1', 'set2', 'iset', 'new', 'nokey'],
  hash: ['h1', 'h2', 'new', 'nokey'],
  'sorted-set': ['z1', 'z2', 'lex', 'set1', 'new', 'nokey'],
  geo: ['g1', 'new', 'nokey'],
  stream: ['x1', 'x2', 'new', 'nokey'],
  hyperloglog: ['p1', 'p2', 'new', 'nokey'],
}
/** Commands that shall have these keys only: ranges by name mean nothing where scores differ. */
export const KEYS_OF: Readonly<Record<string, readonly string[]>> = {
  zlexcount: ['names', 'absent'],
  zrangebylex: ['names', 'absent'],
  zrevrangebylex: ['names', 'absent'],
  zremrangebylex: ['names', 'absent'],
}
export const ALL_KEYS: readonly string[] = [...new Set(Object.values(KEYS).flat()), '', 'k\x00\xff']

export const SEEDING: readonly Words[] = [
  ['SET', 's1', 'hello world'],
  ['SET', 's2', 'x'.repeat(50)],
  ['SET', 'int', '41'],
  ['SET', 'flt', '-1.5', 'PXAT', '4102444800000'],
  ['SETBIT', 'bits', '77', '1'],
  ['RPUSH', 'l1', 'a', 'b', 'c', 'a', '1', ''],
  ['RPUSH', 'l2', 'x'],
  ['RPUSH', 'nums', '3', '1', '2', '10', '-1.5'],
  ['SADD', 'set1', 'a', 'b', 'c', '1'],
  ['SADD', 'set2', 'b'],
  ['SADD', 'iset', '1', '2', '3', '-70000'],
  ['HSET', 'h1', 'a', '1', 'b', 'text', '', '2.5', 'c', '9223372036854775807'],
  ['HSET', 'h2', 'a', '1'],
  ['ZADD', 'z1', '1', 'a', '2', 'b', '2.5', 'c', '-inf', 'd', 'inf', 'e'],
  ['ZADD', 'z2', '1', 'b', '1', 'c'],
  ['ZADD', 'lex', '0', 'a', '0', 'b', '0', 'c', '0', 'd', '0', ''],
  ['ZADD', 'names', '1', 'a', '1', 'ab', '1', 'b', '1', 'c', '1', '', '1', '\xff', '1', 'z'],
  ['GEOADD', 'g1', '13.361389', '38.115556', 'a', '15.087269', '37.502669', 'b', '-0.1', '51.5', 'c'],
  ['XADD', 'x1', '1-1', 'a', '1'],
  ['XADD', 'x1', '2-0', 'a', '1', 'b', '2'],
  ['XADD', 'x1', '5-3', 'c', ''],
  ['XADD', 'x2', '7-7', 'a', '1'],
  ['XGROUP', 'CREATE', 'x1', 'g', '0'],
  ['XGROUP', 'CREATE', 'x2', 'g', '$'],
  ['XREADGROUP', 'GROUP', 'g', 'a', 'COUNT', '2', 'STREAMS', 'x1', '>'],
  ['PFADD', 'p1', 'a', 'b', 'c'],
  ['PFADD', 'p2', 'c', 'd'],
  ['SET', 'w_1', '5'],
  ['SET', 'w_2', '-1'],
  ['SET', 'w_3', 'x'],
]

const MEMBERS = ['a', 'b', 'c', 'd', '1', '2', '', 'z'.repeat(65), '\x00\xff', '-0', '1.5', 'new'] as const
const VALUES = ['', '5', '-1', '1.5', 'hello', '9223372036854775807', '0012', ' 1', 'v'.repeat(45)] as const
const INTEGERS = ['0', '1', '2', '3', '5', '-1', '-2', '-3', '100'] as const
const FAR_TIMES = ['100000', '999999', '0', '-1', '-100', '9223372036854775807'] as const
const IDS = ['0', '0-0', '1-1', '2', '5-3', '5-4', '6-0', '8-*', '9-9', '-', '+', '$', '>', '3-1'] as const
const DOUBLES = ['0', '1', '1.5', '-2', '-inf', '+inf', '1e3', '3.0', '-0', '0.1', '17179869184'] as const
const BOUNDS = ['-inf', '+inf', '(1', '2', '1', '(2.5', 'inf', '-5', '0'] as const
const LEX = ['-', '+', '[a', '(a', '[c', '(', '[', '(z', '[\xff'] as const
const INDICES = ['0', '1', '-1', '2', '-3', '-100', '100', '(1', '[a', '-', '+', '-inf', 'inf'] as const
const PATTERNS = [
  '*',
  'w_*',
  'a*',
  '?',
  '[a-c]',
  'h1->a',
  '#',
  'nosort',
  '\\*',
  '',
  '*1',
  'h*->b',
  '[^a]*',
] as const
const OFFSETS = ['0', '7', '8', '100', '-1', '#0', '#3', '4294967296', '-9223372036854775808'] as const

/** Words by `type:name` of COMMAND DOCS, or by name alone. */
const BY_NAME: Readonly<Record<string, readonly string[]>> = {
  member: MEMBERS,
  member1: MEMBERS,
  member2: MEMBERS,
  field: MEMBERS,
  element: MEMBERS,
  pivot: MEMBERS,
  value: VALUES,
  message: VALUES,
  consumer: ['a', 'b', ''],
  consumername: ['a', 'b', ''],
  group: ['g', 'g', 'h', ''],
  groupname: ['g', 'g', 'h', ''],
  id: IDS,
  'last-id': IDS,
  entries_added: ['0', '3', '7', '-1', 'x'],
  entries_read: ['0', '2', '-1', '-2', '100'],
  max_deleted_entry_id: ['0-0', '1-1', '9-9', 'x'],
  threshold: ['0', '1', '2', '5-3', '-1', 'x', '100'],
  seconds: FAR_TIMES,
  milliseconds: FAR_TIMES,
  'unix-time-seconds': ['4102444800', '1', '0', '-1', '9223372036854775807', '9223372036854775'],
  'unix-time-milliseconds': ['4102444800000', '1', '0', '-1', '9223372036854775807'],
  ttl: ['0', '0', '100000', '-1', '9223372036854775807'],
  timeout: ['0', '0.01', '-1', 'x', '1e300', 'inf'],
  'double:min': BOUNDS,
  'double:max': BOUNDS,
  'string:min': LEX,
  'string:max': LEX,
  'string:start': INDICES,
  'string:stop': INDICES,
  'string:end': IDS,
  'min-idle-time': ['0', '1000000', '-1', 'x'],
  ms: ['0', '1000000', '-1', 'x'],
  offset: OFFSETS,
  encoding: ['u8', 'i5', 'u63', 'i64', 'u64', 'i0', 'u', 'x8', 'i65', 'U8'],
  operation: ['AND', 'OR', 'XOR', 'NOT', 'nand'],
  longitude: ['13.361389', '15', '-0.1', '181', '0', '-180', 'x'],
  latitude: ['38.115556', '37', '51.5', '86', '0', '-85.05112878', 'x'],
  radius: ['200', '0', '-1', '1e6', '3000', 'x', '0.001'],
  width: ['400', '0', '-1', '1e6', 'x'],
  height: ['400', '0', '-1', '1e6', 'x'],
  type: ['string', 'list', 'set', 'zset', 'hash', 'stream', 'none'],
  db: ['0', '1', '2', '15', '16', '-1'],
  'destination-db': ['0', '1', '2', '15', '16', '-1'],
  index1: ['0', '1', '2'],
  index2: ['0', '1', '2'],
  frequency: ['0', '100', '255', '256', '-1'],
  cursor: ['0', '0', '0', 'x', '-1', '12', '18446744073709551616', ' 1'],
  channel: ['c', ''],
  shardchannel: ['c', ''],
  subcommand: ['ENCODING', 'DECODE', 'GETREG', 'TODENSE', 'nosuch'],
  bit: ['0', '1', '2', '-1'],
  parameter: [
    ...['maxmemory-samples', 'lfu-decay-time', 'tcp-keepalive', 'slowlog-max-len', 'loglevel', 'appendfsync'],
    ...[
      'auto-aof-rewrite-min-size',
      'lazyfree-lazy-user-del',
      'list-compress-depth',
      'stream-node-max-bytes',
    ],
    ...['hz', 'h*', 'nosuch', '*-max-*-entries', 'proc-title-template', 'latency-tracking-info-percentiles'],
    ...['latency-monitor-threshold', 'oom-score-adj-values', 'shutdown-timeout', 'slave-priority'],
  ],
  'parameter value': [
    ...[
      '1',
      '0',
      'yes',
      'NO',
      'maybe',
      '10mb',
      '1k',
      '1GB',
      'x',
      '',
      '-1',
      'b',
      '0x10',
      '10%',
      '1.5',
      '1 2 3',
    ],
    ...['notice', 'EVERYSEC', '50 99.9', '{title}', '{nosuch}', '99999999999999999999', '0012', '1e3'],
  ],
  section: ['server', 'all', 'everything', 'default', 'keyspace', 'nosuch', 'CPU', ''],
  command: ['get', 'SET', 'object|encoding', 'nosuch', 'XREAD', ''],
  'command-name': [
    'get',
    'SET',
    'object|encoding',
    'nosuch',
    'xgroup|create',
    'object',
    'config|',
    '|get',
    '',
  ],
  category: ['read', 'STRING', 'nosuch', 'fast', 'dangerous', ''],
  'module-name': ['nosuch', ''],
  'client-id': ['1', '999999', '0', '-1', 'x'],
  'connection-name': ['me', '', 'a b', 'x\ny', 'é'],
  event: ['command', 'nosuch', ''],
  path: ['/nosuch', ''],
  prefix: ['a', 'ab', '', 'b'],
  slot: ['0', '1', '16384', '-1'],
  ip: ['127.0.0.1', 'x'],
  port: ['1', '0', '99999', 'x'],
}
const BY_TYPE: Readonly<Record<string, readonly string[]>> = {
  integer: INTEGERS,
  double: DOUBLES,
  pattern: PATTERNS,
  string: VALUES,
  'unix-time': ['4102444800', '1'],
}

/** What no argument should be, but for somebody. */
export const ODD: readonly string[] = [
  ...['', 'x', ' ', '1 ', ' 1', '+1', '01', '-0', '1.0', '1e2', '0x10', 'nan', '-nan', 'inf', '(', '\x00'],
  ...['9223372036854775807', '9223372036854775808', '-9223372036854775808', '-9223372036854775809'],
  ...[
    '18446744073709551615',
    '1e400',
    '1e-400',
    '99999999999999999999',
    '-1',
    '0',
    'NX',
    'XX',
    'GET',
    'COUNT',
  ],
  ...['LIMIT', 'WITHSCORES', '\xc3\x28', 'k'.repeat(200)],
]

/** The words an argument may be. */
export function wordsFor(type: string, name: string): readonly string[] {
  return BY_NAME[`${type}:${name}`] ?? BY_NAME[name] ?? BY_TYPE[type] ?? VALUES
}
