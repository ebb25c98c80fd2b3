/**
 * A message on one line, as the report shows it: who speaks, then what is said.
 *
 *   → PSYNC id#1 1025      ← CONTINUE id#1      ← @24..50 db0 SET k v      INFO: role=master …
 */
import { quoted, readable } from '../bytes/byte-string.ts'
import type { Json } from '../sink/json-bytes.ts'
import { type Fields, type Message, plain } from './message.ts'

/** `→` to the master or server, `←` from it, and nothing where somebody looked. */
export function arrow({ from }: Message): string {
  if (from === 'replica' || from === 'client') return '→ '
  return from === 'observer' ? '' : '← '
}

export function messageText(message: Message): string {
  return `${arrow(message)}${textOf(message)}`
}

/**
 * The same where only some fields matter: of INFO and its like, which have very many, only those are shown.
 * @param fields names as differingFields gives them
 */
export function differenceText(message: Message, fields: readonly string[]): string {
  const own = fields.map((field) => field.replace(/\..*$/, ''))
  const shown = Object.entries(message.fields).filter(([name]) => own.includes(name))
  const isLong = Object.keys(message.fields).length - shown.length > FEW && message.from === 'observer'
  if (!isLong || fields.length === 0) return messageText(message)
  return `${message.kind} … ${pairs(Object.fromEntries(shown))}`
}

/** So many fields are read at a glance. */
const FEW = 8

function textOf({ kind, fields, from }: Message): string {
  switch (kind) {
    case 'request':
      return words(fields.argv)
    case 'reply':
      return fields.type === undefined ? lineText(fields.reply) : replyText(fields)
    case 'resync': {
      const word = fields.mode === 'partial' ? 'CONTINUE' : 'FULLRESYNC'
      return `${word} ${plain(fields.replid)} ${plain(fields.offset)}`
    }
    case 'command':
      return `@${offsets(fields)} db${plain(fields.db)} ${words(fields.argv)}${inside(fields.tx)}`
    case 'ping':
      return `@${offsets(fields)} ${fields.argv === undefined ? 'PING' : words(fields.argv)}`
    case 'getack':
      return `@${offsets(fields)} ${fields.argv === undefined ? 'REPLCONF GETACK *' : words(fields.argv)}`
    case 'ack':
      return fields.fsynced === undefined
        ? `ACK ${plain(fields.offset)}`
        : `ACK ${plain(fields.offset)} FACK ${plain(fields.fsynced)}`
    case 'heartbeat':
      return 'newline'
    case 'opened':
      return 'connection'
    case 'closed':
      return fields.how === undefined ? 'connection closed' : `closed (${plain(fields.how)}) by the ${from}`
    case 'snapshot-aux':
      return `RDB ${plain(fields.name)} = ${plain(fields.value)}`
    case 'missing':
      return plain(fields.detail)
    default:
      return `${kind} ${pairs(fields)}`
  }
}

function offsets({ start, end }: Fields): string {
  return typeof start === 'number' ? `${start + 1}..${plain(end)}` : '?'
}

function inside(tx: Json | undefined): string {
  return tx === undefined ? '' : ` (transaction ${plain(tx)})`
}

function words(argv: Json | undefined): string {
  return Array.isArray(argv) ? argv.map(word).join(' ') : plain(argv)
}

function word(value: Json): string {
  return typeof value === 'string' ? readable(value) : JSON.stringify(value)
}

function lineText(value: Json | undefined): string {
  return typeof value === 'string' && /^[\x20-\x7e]*$/.test(value) ? value : JSON.stringify(value ?? null)
}

function replyText({ reply, type }: Fields): string {
  if (type === 'error') return `-${lineText(reply)}`
  if (type === 'simple') return `+${lineText(reply)}`
  if (type === 'integer') return `(integer) ${plain(reply)}`
  return typeof reply === 'string' ? quoted(reply) : JSON.stringify(reply ?? null)
}

function pairs(fields: Fields): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name}=${plain(value)}`)
    .join(' ')
}
