/**
 * Encodes RESP: commands as clients and masters send them, values as servers answer them.
 *
 * A command is an array of bulk strings; its byte count is what a replication offset counts.
 */
import { type ByteString, toBytes } from '../../bytes/byte-string.ts'
import type { RespValue } from './values.ts'

const CRLF = '\r\n'

/** `*<argc>\r\n` and each argument as `$<bytes>\r\n…\r\n`. */
export function encodeCommand(argv: readonly ByteString[]): Buffer {
  let text = `*${argv.length}${CRLF}`
  for (const arg of argv) text += `$${arg.length}${CRLF}${arg}${CRLF}`
  return toBytes(text as ByteString)
}

/**
 * The bytes of a value.
 * @param resp3 false: RESP3-only types are written in the RESP2 form Redis uses for them.
 * @throws RangeError for a value that was too long to be held
 */
export function encodeValue(value: RespValue, resp3 = true): Buffer {
  return toBytes(text(value, resp3) as ByteString)
}

function text(value: RespValue, resp3: boolean): string {
  switch (value.type) {
    case 'simple':
      return `+${value.value}${CRLF}`
    case 'error':
      return errorText(held(value.value), resp3)
    case 'integer':
      return `:${value.value}${CRLF}`
    case 'bulk':
      return bulk('$', held(value.value))
    case 'verbatim':
      return resp3 ? bulk('=', `${value.format}:${held(value.value)}`) : bulk('$', held(value.value))
    case 'null':
      return resp3 ? `_${CRLF}` : `$-1${CRLF}`
    case 'double':
      return resp3 ? `,${doubleText(value.value)}${CRLF}` : bulk('$', doubleText(value.value))
    case 'boolean':
      return resp3 ? `#${value.value ? 't' : 'f'}${CRLF}` : `:${value.value ? 1 : 0}${CRLF}`
    case 'bignum':
      return resp3 ? `(${value.value}${CRLF}` : bulk('$', value.value)
    case 'array':
      return items('*', value.items.length, value.items, resp3)
    case 'set':
      return items(resp3 ? '~' : '*', value.items.length, value.items, resp3)
    case 'push':
      return items(resp3 ? '>' : '*', value.items.length, value.items, resp3)
    case 'map':
      if (!resp3) return items('*', value.items.length, value.items, resp3)
      return items('%', value.items.length / 2, value.items, resp3)
    case 'attribute':
      return resp3 ? items('|', value.items.length / 2, value.items, resp3) : ''
  }
}

function items(type: string, count: number, list: readonly RespValue[], resp3: boolean): string {
  return `${type}${count}${CRLF}${list.map((item) => text(item, resp3)).join('')}`
}

function bulk(type: string, value: string): string {
  return `${type}${value.length}${CRLF}${value}${CRLF}`
}

/** An error of one line is a line; RESP3 has a bulk form for the others, RESP2 folds them as Redis does. */
function errorText(value: string, resp3: boolean): string {
  if (!/[\r\n]/.test(value)) return `-${value}${CRLF}`
  return resp3 ? bulk('!', value) : `-${value.replace(/[\r\n]/g, ' ')}${CRLF}`
}

function doubleText(value: number): string {
  if (Number.isNaN(value)) return 'nan'
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'
  return Object.is(value, -0) ? '-0' : String(value)
}

function held(value: ByteString | { readonly bytes: number }): string {
  if (typeof value === 'string') return value
  throw new RangeError(`a value of ${value.bytes} bytes was described, not held: it cannot be encoded`)
}
