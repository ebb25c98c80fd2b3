/**
 * Decodes RESP values: what a server says to a client. RESP2, RESP3, streamed RESP3 strings and aggregates.
 *
 *   +OK\r\n   -ERR …\r\n   :42\r\n   $5\r\nhello\r\n   *2\r\n…   %1\r\n…   ~ > | _ # , ( ! =
 *
 * `respValue` is a sub-program: one `yield*` gives one whole value. What is not worth keeping (see Keep) is
 * walked and described, so a reply of any size needs bounded memory. `respValues` decodes one after another.
 *
 * Not here: requests, which are commands (command.ts), and what replication does between values.
 */
import type { ByteSource } from '../../bytes/byte-source.ts'
import { type ByteString, byteString, quoted } from '../../bytes/byte-string.ts'
import { LongBytesReader, type MaybeLong } from '../../bytes/long-bytes.ts'
import { Malformed, type Program } from '../../bytes/resumable.ts'
import { KEEP, type Keep, LIMITS } from './limits.ts'
import { crlf, lengthLine, line } from './lines.ts'
import type { RespValue } from './values.ts'

export type RespEvent = { readonly value: RespValue; readonly start: number; readonly end: number }

/** Values one after another until the input ends; `start` and `end` are positions in the stream. */
export function* respValues(src: ByteSource, emit: (event: RespEvent) => void, keep = KEEP): Program {
  for (;;) {
    while (src.peek() === undefined) {
      if (src.ended) return
      yield
    }
    const start = src.position
    const value = yield* respValue(src, keep)
    emit({ value, start, end: src.position })
  }
}

/**
 * One value. @throws Malformed RESP_BAD_TYPE, RESP_BAD_LENGTH, RESP_BAD_NUMBER, RESP_BAD_LINE_END,
 * RESP_LINE_TOO_LONG, RESP_TOO_DEEP, RESP_TOO_MANY
 */
export function respValue(src: ByteSource, keep: Keep = KEEP): Generator<void, RespValue, void> {
  return valueAt(src, { bytes: keep.totalBytes, elements: keep.elements, keep }, 0)
}

/** What may still be kept of the value being read, over all its levels. */
type Budget = { bytes: number; elements: number; readonly keep: Keep }

function* valueAt(src: ByteSource, budget: Budget, depth: number): Generator<void, RespValue, void> {
  if (depth > LIMITS.depth) throw new Malformed('RESP_TOO_DEEP', `nested deeper than ${LIMITS.depth}`)
  let type: number | undefined
  while ((type = src.peek()) === undefined) yield
  switch (String.fromCharCode(type)) {
    case '+':
      return { type: 'simple', value: yield* lineOf(src) }
    case '-':
      return { type: 'error', value: yield* lineOf(src) }
    case ':':
      return { type: 'integer', value: integer(yield* lineOf(src), src) }
    case ',':
      return { type: 'double', value: double(yield* lineOf(src), src) }
    case '(':
      return { type: 'bignum', value: bigNumber(yield* lineOf(src), src) }
    case '#':
      return { type: 'boolean', value: boolean(yield* lineOf(src), src) }
    case '_':
      if ((yield* lineOf(src)).length > 0) throw badNumber('a null', src)
      return { type: 'null' }
    case '$': {
      const value = yield* bulk(src, budget)
      return value === undefined ? { type: 'null' } : { type: 'bulk', value }
    }
    case '!':
      return { type: 'error', value: (yield* bulk(src, budget)) ?? ('' as ByteString) }
    case '=':
      return verbatim((yield* bulk(src, budget)) ?? ('' as ByteString))
    case '*':
      return yield* aggregate(src, budget, depth, 'array', 1)
    case '~':
      return yield* aggregate(src, budget, depth, 'set', 1)
    case '>':
      return yield* aggregate(src, budget, depth, 'push', 1)
    case '%':
      return yield* aggregate(src, budget, depth, 'map', 2)
    case '|':
      return yield* aggregate(src, budget, depth, 'attribute', 2)
    default:
      throw new Malformed('RESP_BAD_TYPE', `${quoted(String.fromCharCode(type))} begins no RESP value`)
  }
}

function* lineOf(src: ByteSource): Generator<void, ByteString, void> {
  let text: ByteString | undefined
  while ((text = line(src, 1, LIMITS.replyLineBytes)) === undefined) yield
  return text
}

function* aggregate(
  src: ByteSource,
  budget: Budget,
  depth: number,
  type: 'array' | 'set' | 'push' | 'map' | 'attribute',
  width: 1 | 2,
): Generator<void, RespValue, void> {
  const at = src.position
  let length: number | undefined
  while ((length = lengthLine(src)) === undefined) yield
  if (length === -1 && type === 'array') return { type: 'null' }
  if (length < 0) throw new Malformed('RESP_BAD_LENGTH', `an aggregate of ${length} elements`, at)
  if (length > LIMITS.count) throw new Malformed('RESP_TOO_MANY', `${length} elements`, at)
  const items: RespValue[] = []
  const streamed = Number.isNaN(length)
  let read = 0
  for (; streamed || read < length * width; read++) {
    if (streamed && (yield* atEndMark(src))) break
    const item = yield* valueAt(src, budget, depth + 1)
    if (budget.elements > 0) {
      budget.elements--
      items.push(item)
    }
  }
  if (read % width !== 0) throw new Malformed('RESP_BAD_LENGTH', 'a streamed map ends after a key')
  return { type, length: read / width, items }
}

/** The `.\r\n` that ends a streamed aggregate: consumed if it stands here. */
function* atEndMark(src: ByteSource): Generator<void, boolean, void> {
  let byte: number | undefined
  while ((byte = src.peek()) === undefined) yield
  if (byte !== 0x2e) return false
  yield* lineOf(src)
  return true
}

/** The payload of `$`, `!` or `=`; undefined for the null bulk `$-1`. */
function* bulk(src: ByteSource, budget: Budget): Generator<void, MaybeLong | undefined, void> {
  const at = src.position
  let length: number | undefined
  while ((length = lengthLine(src)) === undefined) yield
  if (Number.isNaN(length)) return yield* streamedBulk(src, budget)
  if (length === -1) return undefined
  if (length < 0 || length > LIMITS.bulkBytes) {
    throw new Malformed('RESP_BAD_LENGTH', `a bulk string of ${length} bytes`, at)
  }
  const value = yield* payload(src, length, budget.keep, budget.bytes)
  if (typeof value === 'string') budget.bytes -= value.length
  while (!crlf(src)) yield
  return value
}

/**
 * `length` bytes: held as a ByteString if they fit into `keep.valueBytes` and into `room`, described
 * otherwise. Also the way in which a single argument of a very large command is read (command.ts).
 */
export function* payload(
  src: ByteSource,
  length: number,
  keep: Keep,
  room: number,
): Generator<void, MaybeLong, void> {
  if (length <= keep.valueBytes && length <= room) {
    let bytes: Buffer | undefined
    while ((bytes = src.take(length)) === undefined) yield
    return byteString(bytes)
  }
  const reader = new LongBytesReader(keep.hash)
  for (let left = length; left > 0; ) {
    let slice: Buffer | undefined
    while ((slice = src.skim(left)) === undefined) yield
    reader.add(slice)
    left -= slice.length
  }
  return reader.finish()
}

/** RESP3 `$?`: chunks `;<n>\r\n<bytes>\r\n` up to `;0\r\n`. Redis has never sent one. */
function* streamedBulk(src: ByteSource, budget: Budget): Generator<void, MaybeLong, void> {
  const reader = new LongBytesReader(budget.keep.hash)
  let held = ''
  for (;;) {
    let length: number | undefined
    while (src.peek() === undefined) yield
    if (src.peek() !== 0x3b)
      throw new Malformed('RESP_BAD_TYPE', 'a chunk of a streamed string must begin with ;')
    while ((length = lengthLine(src)) === undefined) yield
    if (!(length >= 0)) throw new Malformed('RESP_BAD_LENGTH', `a chunk of ${length} bytes`)
    if (length === 0) break
    for (let left = length; left > 0; ) {
      let slice: Buffer | undefined
      while ((slice = src.skim(left)) === undefined) yield
      reader.add(slice)
      if (held.length <= budget.keep.valueBytes) held += byteString(slice)
      left -= slice.length
    }
    while (!crlf(src)) yield
  }
  const described = reader.finish()
  if (described.bytes > budget.keep.valueBytes || described.bytes > budget.bytes) return described
  budget.bytes -= described.bytes
  return held as ByteString
}

function verbatim(value: MaybeLong): RespValue {
  if (typeof value !== 'string') {
    return { type: 'verbatim', format: value.preview.slice(0, 3) as ByteString, value }
  }
  const format = value.slice(0, 3) as ByteString
  return { type: 'verbatim', format, value: value.slice(4) as ByteString }
}

function integer(text: string, src: ByteSource): number | bigint {
  if (!/^[+-]?\d{1,20}$/.test(text)) throw badNumber('an integer', src)
  const value = Number(text)
  return Number.isSafeInteger(value) ? value : BigInt(text.replace('+', ''))
}

function double(text: string, src: ByteSource): number {
  if (/^[+-]?inf$/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity
  if (/^-?nan$/i.test(text)) return Number.NaN
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) throw badNumber('a double', src)
  return Number(text)
}

function bigNumber(text: ByteString, src: ByteSource): ByteString {
  if (!/^[+-]?\d+$/.test(text)) throw badNumber('a big number', src)
  return text
}

function boolean(text: string, src: ByteSource): boolean {
  if (text !== 't' && text !== 'f') throw badNumber('a boolean', src)
  return text === 't'
}

function badNumber(what: string, src: ByteSource): Malformed {
  return new Malformed('RESP_BAD_NUMBER', `the line that ends here is not ${what}`, src.position)
}
