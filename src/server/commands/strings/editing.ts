/**
 * Strings that are edited in place: APPEND, SETRANGE. They may not outgrow proto-max-bulk-len (512 MiB).
 *
 * Source: redis 7.0 `src/t_string.c`.
 */
import type { ByteString } from '../../../bytes/byte-string.ts'
import { integerArgument } from '../../arguments.ts'
import type { Call } from '../../call.ts'
import { StringValue } from '../../dataset/string-value.ts'
import { Refusal, type Reply } from '../../replies.ts'

export function append(call: Call): Reply {
  const [, key, more] = call.argv as [ByteString, ByteString, ByteString]
  const value = call.findForWrite(key, 'string')
  if (value === undefined) call.add(key, new StringValue(more))
  else {
    refuseLonger(call, value.length + more.length)
    value.append(more)
  }
  call.modified(key)
  call.notify('$', 'append', key)
  return value?.length ?? more.length
}

/** SETRANGE key offset value: zeros fill what lies between. */
export function setrange(call: Call): Reply {
  const [, key, offset, text] = call.argv as [ByteString, ByteString, ByteString, ByteString]
  const at = integerArgument(offset)
  if (at < 0) throw new Refusal('ERR offset is out of range')
  const value = call.findForWrite(key, 'string')
  if (text.length === 0) return value?.length ?? 0
  refuseLonger(call, at + text.length)
  const edited = value ?? new StringValue('' as ByteString)
  edited.edit(at + text.length).write(text, at, 'latin1')
  if (value === undefined) call.add(key, edited)
  call.modified(key)
  call.notify('$', 'setrange', key)
  return edited.length
}

function refuseLonger(call: Call, length: number): void {
  if (length > call.server.settings.bulkBytesMax) {
    throw new Refusal('ERR string exceeds maximum allowed size (proto-max-bulk-len)')
  }
}
