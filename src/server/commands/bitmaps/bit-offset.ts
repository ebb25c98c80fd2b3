/**
 * Places in a bitmap as arguments: `100`, and for BITFIELD `#3`, the third field of its width.
 *
 * Source: redis 7.0 `src/bitops.c`, getBitOffsetFromArgument and lookupStringForBitCommand.
 */
import type { ByteString } from '../../../bytes/byte-string.ts'
import { strictInteger } from '../../arguments.ts'
import type { Call } from '../../call.ts'
import { StringValue } from '../../dataset/string-value.ts'
import { Refusal } from '../../replies.ts'

/** @throws Refusal unless it is a bit of a string that may exist */
export function bitOffset(call: Call, text: ByteString, fieldWidth = 0): number {
  const isMultiple = fieldWidth > 0 && text.startsWith('#')
  const value = strictInteger(isMultiple ? text.slice(1) : text)
  const offset = value === undefined || !isMultiple ? value : BigInt.asIntN(64, value * BigInt(fieldWidth))
  const bitsMax = BigInt(call.server.settings.bulkBytesMax) * 8n
  if (offset === undefined || offset < 0n || offset >= bitsMax) {
    throw new Refusal('ERR bit offset is not an integer or out of range')
  }
  return Number(offset)
}

export type Editable = {
  readonly bytes: Buffer
  /** It was made, or made longer: that is a change even if the bits stay zero. */
  readonly hasGrown: boolean
}

/** The bytes of a key for writing, long enough for bit `last`. @throws Refusal WRONGTYPE */
export function editBits(call: Call, key: ByteString, last: number): Editable {
  const length = Math.floor(last / 8) + 1
  const found = call.findForWrite(key, 'string')
  const value = found ?? new StringValue(Buffer.alloc(0), 'raw')
  const hasGrown = found === undefined || found.length < length
  const bytes = value.edit(length)
  if (found === undefined) call.add(key, value)
  return { bytes, hasGrown }
}
