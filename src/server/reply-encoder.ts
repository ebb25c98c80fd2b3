/**
 * ReplyEncoder: a reply as the bytes of RESP2 or RESP3.
 *
 *   reply ─► pieces of latin1 text (and Buffers for long values) ─► the session's output
 *
 * Small replies become one string, which is the cheapest thing a socket can be given; what is large is
 * handed on as it is. Source: the RESP specification, and redis 7.0 `src/networking.c` for what RESP2
 * makes of RESP3's types.
 */
import { byteString } from '../bytes/byte-string.ts'
import { scoreText } from '../codec/rdb/encode-score.ts'
import type { Reply } from './replies.ts'

export type Resp = 2 | 3

/** Takes pieces in order; a string is one char a byte. */
export type Output = { put(piece: string | Buffer): void }

/** Buffers up to this many bytes are copied into the text. */
const COPIED_MAX = 1024
/** Most integers that are replied are 0 or 1, or lengths of something short. */
const SMALL_INTEGERS: readonly string[] = Array.from({ length: 256 }, (_, value) => `:${value}\r\n`)

export function encodeReply(reply: Reply, resp: Resp, out: Output): void {
  if (typeof reply === 'string') out.put(`$${reply.length}\r\n${reply}\r\n`)
  else if (typeof reply === 'number') out.put(integer(reply))
  else if (typeof reply === 'bigint') out.put(`:${reply}\r\n`)
  else if (reply === null) out.put(resp === 3 ? '_\r\n' : '$-1\r\n')
  else if (Array.isArray(reply)) aggregate('*', reply.length, reply, resp, out)
  else if (Buffer.isBuffer(reply)) bulkBuffer(reply, out)
  else
    encodeObject(
      reply as Exclude<Reply, string | number | bigint | null | readonly Reply[] | Buffer>,
      resp,
      out,
    )
}

function integer(value: number): string {
  return value >= 0 && value < SMALL_INTEGERS.length ? SMALL_INTEGERS[value]! : `:${value}\r\n`
}

function encodeObject(
  reply: Exclude<Reply, string | number | bigint | null | readonly Reply[] | Buffer>,
  resp: Resp,
  out: Output,
): void {
  const isNew = resp === 3
  switch (reply.kind) {
    case 'status':
      out.put(`+${reply.text}\r\n`)
      break
    case 'failure':
      out.put(`-${oneLine(reply.text)}\r\n`)
      break
    case 'pairs':
      aggregate(
        isNew ? '%' : '*',
        isNew ? reply.items.length / 2 : reply.items.length,
        reply.items,
        resp,
        out,
      )
      break
    case 'members':
      aggregate(isNew ? '~' : '*', reply.items.length, reply.items, resp, out)
      break
    case 'push':
      aggregate(isNew ? '>' : '*', reply.items.length, reply.items, resp, out)
      break
    case 'attributed':
      if (isNew) aggregate('|', reply.attributes.length / 2, reply.attributes, resp, out)
      encodeReply(reply.reply, resp, out)
      break
    case 'double': {
      const text = reply.text ?? doubleText(reply.value)
      out.put(isNew ? `,${text}\r\n` : `$${text.length}\r\n${text}\r\n`)
      break
    }
    case 'bool':
      out.put(isNew ? `#${reply.value ? 't' : 'f'}\r\n` : `:${reply.value ? 1 : 0}\r\n`)
      break
    case 'big-number':
      out.put(isNew ? `(${reply.digits}\r\n` : `$${reply.digits.length}\r\n${reply.digits}\r\n`)
      break
    case 'verbatim':
      out.put(
        isNew
          ? `=${reply.text.length + 4}\r\n${reply.format}:${reply.text}\r\n`
          : `$${reply.text.length}\r\n${reply.text}\r\n`,
      )
      break
    case 'null-array':
      out.put(isNew ? '_\r\n' : '*-1\r\n')
      break
    case 'several':
      for (const one of reply.replies) encodeReply(one, resp, out)
      break
    case 'opening':
      out.put(`*${reply.count}\r\n`)
      break
    case 'silence':
      break
  }
}

function aggregate(mark: string, count: number, items: readonly Reply[], resp: Resp, out: Output): void {
  out.put(`${mark}${count}\r\n`)
  for (const item of items) encodeReply(item, resp, out)
}

function bulkBuffer(bytes: Buffer, out: Output): void {
  if (bytes.length <= COPIED_MAX) {
    out.put(`$${bytes.length}\r\n${byteString(bytes)}\r\n`)
    return
  }
  out.put(`$${bytes.length}\r\n`)
  out.put(bytes)
  out.put('\r\n')
}

/** An error is one line: what a client sent must not break it. */
function oneLine(text: string): string {
  return /[\r\n]/.test(text) ? text.replace(/[\r\n]/g, ' ') : text
}

/**
 * A double as Redis prints it (`%.17g`): the shortest of up to 17 digits is not what it prints.
 * Source: redis 7.0 `src/networking.c`, addReplyDouble.
 */
export function doubleText(value: number): string {
  return scoreText(value)
}
