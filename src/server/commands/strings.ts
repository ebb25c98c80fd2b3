/**
 * Commands on strings.
 *
 * Source: redis 7.0 `src/t_string.c`.
 */

import type { ByteString } from '../../bytes/byte-string.ts'
import { bigintArgument } from '../arguments.ts'
import type { Call } from '../call.ts'
import { defineCommands, ONE_KEY } from '../command-spec.ts'
import { StringValue } from '../dataset/string-value.ts'
import { Refusal, type Reply } from '../replies.ts'

function get(call: Call): Reply {
  return call.find(call.argv[1]!, 'string')?.text ?? null
}

function append(call: Call): Reply {
  const [, key, more] = call.argv as [ByteString, ByteString, ByteString]
  const value = call.findForWrite(key, 'string')
  if (value === undefined) call.add(key, new StringValue(more))
  else value.append(more)
  call.modified(key)
  call.notify('$', 'append', key)
  return value?.length ?? more.length
}

function incrementBy(call: Call, by: bigint): Reply {
  const key = call.argv[1]!
  const value = call.findForWrite(key, 'string')
  const sum = (value === undefined ? 0n : bigintArgument(value.text)) + by
  if (BigInt.asIntN(64, sum) !== sum) throw new Refusal('ERR increment or decrement would overflow')
  const text = String(sum) as ByteString
  if (value === undefined) call.add(key, new StringValue(text))
  else value.replace(text)
  call.modified(key)
  call.notify('$', 'incrby', key)
  return sum
}

export const stringCommands = defineCommands({
  get: { arity: 2, flags: ['readonly', 'fast'], keys: ONE_KEY, effect: 'none', run: get },
  append: { arity: 3, flags: ['write', 'denyoom', 'fast'], keys: ONE_KEY, effect: 'same', run: append },
  incr: {
    arity: 2,
    flags: ['write', 'denyoom', 'fast'],
    keys: ONE_KEY,
    effect: 'same',
    run: (call) => incrementBy(call, 1n),
  },
})
