/**
 * Lists, sets, sorted sets and hashes: elements out of any cursor, told in their shape.
 *
 *   items       value, value, …                     members     member, member, …
 *   scored      member, score, …                    fields      field, value, …
 *   timedFields field, value, expiry, …
 *
 * The cursor may run over a packed blob or over the strings of the file itself. The layouts that mix strings
 * with numbers of their own (sorted sets with binary scores, hashes with field expiry) have programs of their
 * own, below.
 *
 * Source: redis `src/rdb.c`, rdbLoadObject; valkey 9 `src/rdb.c` for its hash with field expiry.
 */
import { Malformed, type Program } from '../../bytes/resumable.ts'
import { type ElementCursor, END, type Form, INTEGER, LONG, PENDING } from '../packed/cursor.ts'
import type { RdbString } from './events.ts'
import { type readDouble, readLength, type readTextDouble, readTimeMs, scoreOf } from './lengths.ts'
import { integerOf, textOf, type Walk } from './walk.ts'

/** How the elements of a cursor are told. */
export type Tell = (walk: Walk, cursor: ElementCursor) => Program

export function* items(walk: Walk, cursor: ElementCursor): Program {
  let form: Form
  for (;;) {
    while ((form = cursor.next()) === PENDING) yield
    if (form === END) return
    const value = form === LONG ? yield* walk.long(cursor) : walk.take(cursor, form)
    walk.items++
    if (walk.elements) walk.emit({ kind: 'list-item', value })
  }
}

export function* members(walk: Walk, cursor: ElementCursor): Program {
  let form: Form
  for (;;) {
    while ((form = cursor.next()) === PENDING) yield
    if (form === END) return
    const member = form === LONG ? yield* walk.long(cursor) : walk.take(cursor, form)
    walk.items++
    if (walk.elements) walk.emit({ kind: 'set-member', member })
  }
}

export function* fields(walk: Walk, cursor: ElementCursor): Program {
  let form: Form
  for (;;) {
    while ((form = cursor.next()) === PENDING) yield
    if (form === END) return
    const field = form === LONG ? yield* walk.long(cursor) : walk.take(cursor, form)
    while ((form = cursor.next()) === PENDING) yield
    if (form === END) throw incomplete(cursor)
    const value = form === LONG ? yield* walk.long(cursor) : walk.take(cursor, form)
    walk.items++
    if (walk.elements) walk.emit({ kind: 'hash-field', field, value, expireAt: undefined })
  }
}

/** Triples: the third is the field's expiry in unix ms, 0 for none. */
export function* timedFields(walk: Walk, cursor: ElementCursor): Program {
  let form: Form
  for (;;) {
    while ((form = cursor.next()) === PENDING) yield
    if (form === END) return
    const field = form === LONG ? yield* walk.long(cursor) : walk.take(cursor, form)
    while ((form = cursor.next()) === PENDING) yield
    if (form === END) throw incomplete(cursor)
    const value = form === LONG ? yield* walk.long(cursor) : walk.take(cursor, form)
    while ((form = cursor.next()) === PENDING) yield
    if (form === END) throw incomplete(cursor)
    const expireAt = integerOf(cursor, form) || undefined
    walk.items++
    if (walk.elements) walk.emit({ kind: 'hash-field', field, value, expireAt })
  }
}

export function* scored(walk: Walk, cursor: ElementCursor): Program {
  let form: Form
  for (;;) {
    while ((form = cursor.next()) === PENDING) yield
    if (form === END) return
    const member = form === LONG ? yield* walk.long(cursor) : walk.take(cursor, form)
    while ((form = cursor.next()) === PENDING) yield
    if (form === END) throw incomplete(cursor)
    const score = form === INTEGER ? Number(cursor.integer) : scoreIn(walk, cursor, form)
    walk.items++
    if (walk.elements) walk.emit({ kind: 'zset-member', member, score })
  }
}

/** Types 3 and 5: count, then member and score as the file's own string and double. */
export function* scoredStrings(walk: Walk, readScore: typeof readDouble | typeof readTextDouble): Program {
  const { src, strings } = walk
  let left: number | undefined
  let form: Form
  let score: number | undefined
  while ((left = readLength(src)) === undefined) yield
  for (; left > 0; left--) {
    while ((form = strings.value()) === PENDING) yield
    const member = form === LONG ? yield* walk.long(strings) : walk.take(strings, form)
    while ((score = readScore(src)) === undefined) yield
    walk.items++
    if (walk.elements) walk.emit({ kind: 'zset-member', member, score })
  }
}

/**
 * Redis 24 and its release candidate 22: count, then (ttl, field, value). A ttl of 0 is none; another counts
 * from `base`: the smallest expiry of all, minus one.
 */
export function* fieldsAfterTtl(walk: Walk, base: number): Program {
  const { src, strings } = walk
  let left: number | undefined
  let ttl: number | undefined
  let form: Form
  while ((left = readLength(src)) === undefined) yield
  for (; left > 0; left--) {
    while ((ttl = readLength(src)) === undefined) yield
    while ((form = strings.value()) === PENDING) yield
    const field = form === LONG ? yield* walk.long(strings) : walk.take(strings, form)
    while ((form = strings.value()) === PENDING) yield
    const value = form === LONG ? yield* walk.long(strings) : walk.take(strings, form)
    tellField(walk, field, value, ttl === 0 ? undefined : base + ttl)
  }
}

/** Valkey 22: count, then (field, value, expiry in unix ms, -1 for none). */
export function* fieldsBeforeExpiry(walk: Walk): Program {
  const { src, strings } = walk
  let left: number | undefined
  let expireAt: number | undefined
  let form: Form
  while ((left = readLength(src)) === undefined) yield
  for (; left > 0; left--) {
    while ((form = strings.value()) === PENDING) yield
    const field = form === LONG ? yield* walk.long(strings) : walk.take(strings, form)
    while ((form = strings.value()) === PENDING) yield
    const value = form === LONG ? yield* walk.long(strings) : walk.take(strings, form)
    while ((expireAt = readTimeMs(src)) === undefined) yield
    tellField(walk, field, value, expireAt === -1 ? undefined : expireAt)
  }
}

function tellField(walk: Walk, field: RdbString, value: RdbString, expireAt: number | undefined): void {
  walk.items++
  if (walk.elements) walk.emit({ kind: 'hash-field', field, value, expireAt })
}

function scoreIn(walk: Walk, cursor: ElementCursor, form: Form): number {
  const score =
    form === LONG ? undefined : scoreOf(walk.elements ? walk.take(cursor, form) : textOf(cursor, form))
  if (score === undefined) {
    throw new Malformed('RDB_BAD_SCORE', 'score that is not a number', cursor.position)
  }
  return score
}

function incomplete(cursor: ElementCursor): Malformed {
  return new Malformed('RDB_BAD_PACKED', 'last element has no partner', cursor.position)
}
