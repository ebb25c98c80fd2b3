/**
 * DEBUG PROTOCOL: a reply of each type, for those who write clients.
 *
 * Source: redis 7.0 `src/debug.c`.
 */
import type { ByteString } from '../../../bytes/byte-string.ts'
import { word } from '../../arguments.ts'
import type { Call } from '../../call.ts'
import {
  Attributed,
  BigNumber,
  Bool,
  Double,
  Members,
  Pairs,
  Push,
  Refusal,
  type Reply,
  Several,
  Verbatim,
} from '../../replies.ts'

const REPLIES: Readonly<Record<string, Reply>> = {
  STRING: 'Hello World',
  INTEGER: 12345,
  DOUBLE: new Double(3141 / 1000, '3.141'),
  BIGNUM: new BigNumber('1234567999999999999999999999999999999'),
  NULL: null,
  ARRAY: [0, 1, 2],
  SET: new Members([0, 1, 2]),
  MAP: new Pairs([0, new Bool(false), 1, new Bool(true), 2, new Bool(false)]),
  ATTRIB: new Attributed(['key-popularity', ['key:123', 90]], 'Some real reply following the attribute'),
  VERBATIM: new Verbatim('txt', 'This is a verbatim\nstring'),
  TRUE: new Bool(true),
  FALSE: new Bool(false),
}
const PUSHED = new Several([new Push(['server-cpu-usage', 42]), 'Some real reply following the push reply'])

export function protocol(call: Call, [name]: readonly ByteString[]): Reply {
  const type = word(name!)
  if (type === 'PUSH') {
    if (call.session.resp === 2) throw new Refusal('ERR RESP2 is not supported by this command')
    return PUSHED
  }
  const reply = REPLIES[type]
  if (reply !== undefined) return reply
  throw new Refusal(
    'ERR Wrong protocol type name. Please use one of the following: ' +
      'string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false',
  )
}
