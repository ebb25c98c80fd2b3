/**
 * A node of a stream: one listpack that holds some hundred entries.
 *
 *   master entry   live  deleted  F  name × F  0
 *   entry          flags  ms  seq   [ value × F ]                   flag 2: the master's field names
 *                  flags  ms  seq  n  [ name, value ] × n           otherwise
 *                  and behind either: the number of elements of this entry before this one
 *
 * ms and seq count from the node's id. Flag 1 marks an entry that was deleted and is still there.
 *
 * Source: redis `src/t_stream.c`, streamValidateListpackIntegrity.
 */
import { Malformed, type Program } from '../../bytes/resumable.ts'
import { type ElementCursor, END, type Form, LONG, PENDING } from '../packed/cursor.ts'
import type { RdbString, StreamId } from './events.ts'
import { integerOf, type Walk } from './walk.ts'

const DELETED = 1
const SAME_FIELDS = 2
/** Elements of an entry beside its fields: flags, ms, seq; and the number of fields where it is told. */
const ENTRY_HEAD = 3
/** An entry is told in parts of about this size, so that one of a gigabyte is not held. */
const PART_BYTES = 256 * 1024
/** Names of the master entry are held while their node is read. No application has more than this. */
const MASTER_BYTES_MAX = 16 * 1024 * 1024
/** What a string costs beside its characters, about. */
const STRING_OVERHEAD = 32

export function* streamNode(
  walk: Walk,
  cursor: ElementCursor,
  masterMs: number | bigint,
  masterSequence: number | bigint,
): Program {
  let form: Form
  while ((form = cursor.next()) === PENDING) yield
  const live = integerOf(cursor, form)
  while ((form = cursor.next()) === PENDING) yield
  const deleted = integerOf(cursor, form)
  while ((form = cursor.next()) === PENDING) yield
  const width = integerOf(cursor, form)
  if (live < 0 || deleted < 0 || width < 0) throw inconsistent(cursor, 'negative count')

  const master: RdbString[] = []
  let held = 0
  for (let i = 0; i < width; i++) {
    while ((form = cursor.next()) === PENDING) yield
    if (form === END) throw inconsistent(cursor, 'ends early')
    const name = form === LONG ? yield* walk.long(cursor) : walk.take(cursor, form)
    if (!walk.elements) continue
    held += sizeOf(name)
    if (held > MASTER_BYTES_MAX) {
      throw new Malformed(
        'RDB_LIMIT',
        `stream node with more than ${MASTER_BYTES_MAX} bytes of field names`,
        cursor.position,
      )
    }
    master.push(name)
  }
  while ((form = cursor.next()) === PENDING) yield
  if (integerOf(cursor, form) !== 0) throw inconsistent(cursor, 'master entry without its end')

  let marked = 0
  for (let left = live + deleted; left > 0; left--) {
    while ((form = cursor.next()) === PENDING) yield
    const flags = integerOf(cursor, form)
    while ((form = cursor.next()) === PENDING) yield
    integerOf(cursor, form)
    const ms = cursor.integer
    while ((form = cursor.next()) === PENDING) yield
    integerOf(cursor, form)
    const sequence = cursor.integer
    const isSame = (flags & SAME_FIELDS) !== 0
    let pairs = width
    if (!isSame) {
      while ((form = cursor.next()) === PENDING) yield
      pairs = integerOf(cursor, form)
      if (pairs < 0) throw inconsistent(cursor, 'negative count')
    }
    const isLive = (flags & DELETED) === 0
    const tells = walk.elements && isLive
    const entryId: StreamId = tells ? `${sum(masterMs, ms)}-${sum(masterSequence, sequence)}` : ''
    let fields: RdbString[] = []
    held = 0
    for (let i = 0; i < pairs; i++) {
      let name: RdbString | undefined = master[i]
      if (!isSame) {
        while ((form = cursor.next()) === PENDING) yield
        if (form === END) throw inconsistent(cursor, 'ends early')
        name = form === LONG ? yield* walk.long(cursor) : walk.take(cursor, form)
      }
      while ((form = cursor.next()) === PENDING) yield
      if (form === END) throw inconsistent(cursor, 'ends early')
      const value = form === LONG ? yield* walk.long(cursor) : walk.take(cursor, form)
      if (!tells) continue
      if (held > PART_BYTES) {
        walk.emit({ kind: 'stream-entry', id: entryId, fields, more: true })
        fields = []
        held = 0
      }
      fields.push(name!, value)
      held += sizeOf(name!) + sizeOf(value)
    }
    while ((form = cursor.next()) === PENDING) yield
    const elements = isSame ? ENTRY_HEAD + pairs : ENTRY_HEAD + 1 + 2 * pairs
    if (integerOf(cursor, form) !== elements) throw inconsistent(cursor, 'wrong entry length')
    if (tells) walk.emit({ kind: 'stream-entry', id: entryId, fields, more: false })
    if (isLive) walk.items++
    else marked++
  }
  while ((form = cursor.next()) === PENDING) yield
  if (form !== END) throw inconsistent(cursor, 'more elements than entries')
  if (marked !== deleted) throw inconsistent(cursor, 'wrong number of deleted entries')
}

/** Adds a node's id and an entry's difference as the server does: in 64 bits, where a number is not exact. */
function sum(base: number | bigint, difference: number | bigint): number | bigint {
  if (typeof base === 'number' && typeof difference === 'number') {
    const value = base + difference
    if (value >= 0 && Number.isSafeInteger(value)) return value
  }
  return BigInt.asUintN(64, BigInt(base) + BigInt(difference))
}

function sizeOf(value: RdbString): number {
  return STRING_OVERHEAD + (typeof value === 'string' ? value.length : value.preview.length)
}

function inconsistent(cursor: ElementCursor, what: string): Malformed {
  return new Malformed('RDB_BAD_STREAM', `stream node that is inconsistent: ${what}`, cursor.position)
}
