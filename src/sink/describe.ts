/**
 * One event as one plain line: the canonical text of everything we say.
 *
 *   → REPLCONF capa eof capa psync2
 *   ← FULLRESYNC 4955d147…7fb3 0
 *     db0 SET foo "a b" PXAT 1795232264000
 *
 * Printable ASCII from the wire, always: byte strings are quoted as redis-cli quotes them, long ones cut
 * with their length. Colour, time, folding and explanations belong to the view (text-view.ts).
 */
import { quoted, readable } from '../bytes/byte-string.ts'
import { beginningOf, lengthOf, type MaybeLong } from '../bytes/long-bytes.ts'
import type { RdbString } from '../codec/rdb/events.ts'
import type { Command } from '../codec/resp/command.ts'
import type { RespValue } from '../codec/resp/values.ts'
import type {
  Anchored,
  Closed,
  Opened,
  ReplEvent,
  Reply,
  Resync,
  Side,
  SnapshotEnd,
  SnapshotKey,
  StreamCommand,
} from '../replication/events.ts'
import type { State } from '../replication/states.ts'
import { bytes, count, counted, duration, isoTime } from './units.ts'

/** Arguments longer than this are cut, in chars. */
const ARGUMENT_MAX = 64
/** What is left of an argument that is cut, in chars. */
const PREVIEW_MAX = 40
/** A whole line of arguments is cut at this many chars. */
const LINE_MAX = 240
/** Elements of a reply that are shown. */
const ITEMS_MAX = 8

export const ARROW: Readonly<Record<Side, string>> = { replica: '→', master: '←' }

/** The text of an event without time and direction. */
export function describe(event: ReplEvent): string {
  switch (event.kind) {
    case 'opened':
      return openedText(event)
    case 'request':
      return requestText(event.command)
    case 'reply':
      return replyText(event)
    case 'stripped':
      return `stripped by us: ${event.capabilities.join(', ')}; the master gets ${commandText(event.sent)}`
    case 'resync':
      return event.mode === 'full'
        ? fullText(event)
        : event.replid === event.asked?.replid
          ? 'CONTINUE'
          : continueText(event)
    case 'snapshot-begin':
      return event.framing === 'length'
        ? `RDB, ${sizeText(event.bytes ?? 0)}`
        : `RDB, diskless, ends with mark ${shortId(event.mark ?? '')}`
    case 'snapshot-slice':
      return `RDB bytes ${count(event.from)}..${count(event.to)}`
    case 'snapshot-end':
      return snapshotText(event)
    case 'snapshot-aux':
      return `aux ${rdbText(event.name)} = ${rdbText(event.value)}`
    case 'snapshot-key':
      return keyText(event)
    case 'command':
      return streamText(event)
    case 'tally':
      return `${counted(event.entries.size, 'command name')} counted`
    case 'anchor':
      return anchorText(event)
    case 'ping':
      return 'PING'
    case 'getack':
      return 'REPLCONF GETACK *'
    case 'ack':
      return event.fsynced === undefined ? `ACK ${event.offset}` : `ACK ${event.offset} FACK ${event.fsynced}`
    case 'live':
      return liveText(event.buffered, event.duration)
    case 'heartbeat':
      return 'newline'
    case 'gap':
      return gapText(event.missing)
    case 'fault':
      return `fault: ${printable(event.detail)} at ${event.side} byte ${count(event.position)} (${event.code})`
    case 'overflow':
      return `overflow: ${counted(event.dropped, 'line')} not printed, the output is too slow`
    case 'closed':
      return closedText(event)
  }
}

/** Bytes that a capture lost. */
export function gapText(missing: number): string {
  return `gap: ${counted(missing, 'byte')} missing from the capture`
}

const TOLD_BY: Readonly<Record<Anchored['by'], string>> = {
  ack: 'an ACK tells',
  getack: 'the answer to GETACK tells',
  rdb: 'the rdb connection told',
}

function liveText(buffered: number, micros: number): string {
  if (buffered === 0) return 'live: snapshot loaded, nothing left in the local buffer of the replica'
  return `live: the replica has applied the ${bytes(buffered)} of its local buffer in ${duration(micros)}`
}

function anchorText({ by, offset, held, correction }: Anchored): string {
  if (correction !== 0) {
    const sign = correction > 0 ? '+' : '-'
    const size = counted(Math.abs(correction), 'byte')
    return `offsets corrected by ${sign}${size}: ${TOLD_BY[by]} where the stream stands`
  }
  const filled = held === 0 ? '' : `; ${counted(held, 'command')} held back until now`
  return `stream goes on from offset ${offset}, as ${TOLD_BY[by]}${filled}`
}

function openedText({ channel, role, replica }: Opened): string {
  if (channel === 'rdb') return `rdb connection ${replica}`
  return `${role === 'unknown' ? 'connection from' : role} ${replica}`
}

function snapshotText(event: SnapshotEnd): string {
  const size = `${bytes(event.bytes)} in ${duration(event.duration)}`
  if (event.keys === undefined) return `RDB complete: ${size}, not understood inside`
  return `RDB complete: ${counted(event.keys, 'key')}, ${size}, version ${event.rdbVersion}, checksum ${event.checksum}`
}

/** One key of a snapshot: `db0 hash user:1 listpack, 3 items, 41 B, expires 2026-…`. */
function keyText(event: SnapshotKey): string {
  const items = event.type === 'string' ? '' : `, ${counted(event.items, 'item')}`
  const expiry =
    event.expireAt === undefined ? '' : `, expires ${isoTime(event.expireAt * 1000).slice(0, 19)}Z`
  return `db${event.db} ${event.type} ${rdbText(event.key)}  ${event.encoding}${items}, ${bytes(event.bytes)}${expiry}`
}

function rdbText(value: RdbString): string {
  return typeof value === 'string'
    ? bytesText(value)
    : bytesText({ bytes: value.bytes, preview: value.preview, sha256: undefined })
}

/** A size as one reads it and, where that rounds, as it is. */
function sizeText(size: number): string {
  return size < 1000 ? bytes(size) : `${bytes(size)} (${count(size)} B)`
}

/** Ids are shortened in what answers a PSYNC, so that the eye finds them again. */
function replyText({ value, answers }: Reply): string {
  const text = valueText(value)
  return answers === 'PSYNC' || answers === 'SYNC' ? text.replace(/\b[0-9a-f]{40}\b/g, shortId) : text
}

/** Without a line of its own on the wire it is in our words: an old SYNC, a line that was lost, $ENDOFF. */
function fullText(event: Resync): string {
  if (event.replid === undefined) return 'full resync, without id and offset'
  if (event.from === event.to) return `full resync: ${shortId(event.replid)} ${event.offset}`
  return `FULLRESYNC ${shortId(event.replid)} ${event.offset}`
}

function continueText(event: { readonly replid: string | undefined }): string {
  return `CONTINUE ${shortId(event.replid ?? '?')}`
}

const DURING: Readonly<Record<State, string>> = {
  unknown: '',
  client: '',
  negotiating: ' during the handshake',
  'awaiting-resync': ' while waiting for the answer to PSYNC',
  'awaiting-snapshot': ' while waiting for the snapshot',
  snapshot: ' in the middle of the snapshot',
  streaming: '',
  opaque: '',
  closed: '',
}

function closedText({ side, how, during, channel }: Closed): string {
  if (how === 'end-of-input') return `watching ends here${DURING[during]}`
  const which = channel === 'rdb' ? 'rdb connection' : 'connection'
  return `${which} ${how === 'fin' ? 'closed' : 'reset'} by the ${side} side${DURING[during]}`
}

function streamText(event: StreamCommand): string {
  const db = event.db === undefined || event.command.name === 'SELECT' ? '' : `db${event.db} `
  return `${db}${commandText(event.command)}`
}

/** The id a PSYNC asks for is shortened as everywhere, so that the eye finds it again. */
function requestText(command: Command): string {
  const [word, id, ...rest] = command.argv()
  if (command.name !== 'PSYNC' || typeof id !== 'string' || rest.length === 0) return commandText(command)
  return [bytesText(word!), shortId(id), ...rest.map(bytesText)].join(' ')
}

/** A command as a person would type it, cut where it is long. */
export function commandText(command: Command): string {
  let text = ''
  let shown = 0
  for (const arg of command.argv()) {
    const next = `${text}${shown > 0 ? ' ' : ''}${bytesText(arg)}`
    if (shown > 0 && next.length > LINE_MAX) break
    text = next
    shown++
  }
  const missing = command.argc - shown
  return missing > 0 ? `${text} … (+${counted(missing, 'argument')})` : text
}

/** A byte string as redis-cli would quote it, cut with its length. Our own (redacted) stays bare. */
export function bytesText(value: MaybeLong): string {
  if (value === '(redacted)') return value
  if (typeof value === 'string' && value.length <= ARGUMENT_MAX) return readable(value)
  return `"${beginning(beginningOf(value))}…" (${count(lengthOf(value))} B)`
}

/** The first chars of a byte string, quoted, cut between escapes rather than within one. */
function beginning(value: string): string {
  let text = ''
  for (const char of value) {
    const next = quoted(char).slice(1, -1)
    if (text.length + next.length > PREVIEW_MAX) break
    text += next
  }
  return text
}

/** A reply on one line. */
export function valueText(value: RespValue): string {
  switch (value.type) {
    case 'simple':
      return lineText(value.value)
    case 'error':
      return typeof value.value === 'string' ? `-${lineText(value.value)}` : `-${bytesText(value.value)}`
    case 'integer':
      return `(integer) ${value.value}`
    case 'double':
      return `(double) ${value.value}`
    case 'boolean':
      return value.value ? '(true)' : '(false)'
    case 'null':
      return '(nil)'
    case 'bulk':
    case 'verbatim':
    case 'bignum':
      return bytesText(value.value)
    case 'array':
    case 'set':
    case 'push':
    case 'map':
    case 'attribute':
      return aggregateText(value.type, value.length, value.items)
  }
}

function aggregateText(type: string, length: number, items: readonly RespValue[]): string {
  const width = type === 'map' || type === 'attribute' ? 2 : 1
  let text = ''
  let shown = 0
  for (const item of items.slice(0, ITEMS_MAX)) {
    if (text.length > LINE_MAX / 2) break
    text += `${shown > 0 ? ' ' : ''}${valueText(item)}`
    shown++
  }
  const more = length * width - shown
  return `(${type} of ${count(length)}) [${text}${more > 0 ? ' …' : ''}]`
}

/** A status line: mostly plain words, so it stays bare unless a byte in it is not printable. */
function lineText(text: string): string {
  return cut(/^[\x20-\x7e]*$/.test(text) ? text : quoted(text))
}

function printable(text: string): string {
  return text.replace(/[^\x20-\x7e…–]/g, '?')
}

function cut(text: string): string {
  return text.length <= LINE_MAX ? text : `${text.slice(0, LINE_MAX)}… (${count(text.length)} B)`
}

/** `4955d147…7fb3` for a replication id of 40 characters; others as they are, quoted if need be. */
export function shortId(id: string): string {
  return /^[0-9a-zA-Z]{40}$/.test(id) ? `${id.slice(0, 8)}…${id.slice(-4)}` : bytesText(id as MaybeLong)
}
