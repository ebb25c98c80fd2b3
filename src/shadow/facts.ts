/**
 * Facts: a value as a list of named statements, so that two values of any type are compared in one way.
 *
 *   hash   field "name" = Ada          zset    member "ada" = 1.5        list   item 0 = a
 *   set    member "ada" =              string  value = …
 *   stream entry 5-0 = f v …, last id = 5-0, group "g" = last id 4-0 …, pending 4-0 of "g" = consumer c, once
 *
 * What is no part of the data is left out: encodings, when a consumer was seen, when something was
 * delivered.
 */

import { type ByteString, byteString, quoted } from '../bytes/byte-string.ts'
import type { Bytes } from '../bytes/byte-writer.ts'
import type { RdbGroup, RdbStream, RdbValue, StreamId } from '../codec/rdb/encode-model.ts'

/** A statement. `kind` and `name` together are unique within a value. */
export type Fact = {
  readonly kind: 'value' | 'item' | 'member' | 'field' | 'entry' | 'stream' | 'group' | 'consumer' | 'pending'
  readonly name: ByteString
  readonly value: ByteString
}

/** Where two values part. A value is undefined where that side has no such element. */
export type ValueDifference = {
  readonly kind: Fact['kind'] | 'type'
  readonly name: ByteString
  readonly ours: ByteString | undefined
  readonly theirs: ByteString | undefined
}

/**
 * The first difference, in the order of `ours`; undefined where the values are equal.
 * @param countsReads both count what was ever added to a stream, and read by its groups, in the same way: 6.x
 *   does not, and since 7.2 groups are counted otherwise
 */
export function valueDifference(
  ours: RdbValue,
  theirs: RdbValue,
  countsReads = true,
): ValueDifference | undefined {
  if (ours.type !== theirs.type) {
    return { kind: 'type', name: text(''), ours: text(ours.type), theirs: text(theirs.type) }
  }
  const rest = new Map<string, Fact>()
  for (const fact of factsOf(theirs, countsReads)) rest.set(idOf(fact), fact)
  for (const fact of factsOf(ours, countsReads)) {
    const id = idOf(fact)
    const other = rest.get(id)
    rest.delete(id)
    if (other?.value !== fact.value) {
      return { kind: fact.kind, name: fact.name, ours: fact.value, theirs: other?.value }
    }
  }
  for (const { kind, name, value } of rest.values()) return { kind, name, ours: undefined, theirs: value }
  return undefined
}

function idOf({ kind, name }: Fact): string {
  return `${kind} ${name}`
}

function* factsOf(value: RdbValue, countsReads: boolean): Generator<Fact> {
  switch (value.type) {
    case 'string':
      yield { kind: 'value', name: text(''), value: wholeOf(value.value) }
      break
    case 'list': {
      let index = 0
      for (const item of value.items)
        yield { kind: 'item', name: text(String(index++)), value: bytesOf(item) }
      break
    }
    case 'set':
      for (const member of value.members) yield { kind: 'member', name: bytesOf(member), value: text('') }
      break
    case 'zset':
      for (const { member, score } of value.members)
        yield { kind: 'member', name: bytesOf(member), value: text(scoreText(score)) }
      break
    case 'hash':
      for (const { field, value: of, expireAt } of value.fields) {
        yield { kind: 'field', name: bytesOf(field), value: bytesOf(of) }
        if (expireAt !== undefined) {
          yield { kind: 'field', name: text(`${bytesOf(field)} (expiry)`), value: text(String(expireAt)) }
        }
      }
      break
    case 'stream':
      yield* streamFacts(value, countsReads)
      break
    case 'module':
      yield { kind: 'value', name: text(''), value: byteString(value.payload ?? Buffer.alloc(0)) }
      break
  }
}

function* streamFacts(stream: RdbStream, countsReads: boolean): Generator<Fact> {
  for (const { id, fields } of stream.entries) {
    const shown = fields.map((field) => quoted(bytesOf(field))).join(' ')
    yield { kind: 'entry', name: idText(id), value: text(shown) }
  }
  yield { kind: 'stream', name: text('last id'), value: idText(stream.lastId) }
  if (countsReads) {
    yield { kind: 'stream', name: text('entries added'), value: text(String(stream.entriesAdded)) }
    yield { kind: 'stream', name: text('largest deleted id'), value: idText(stream.maxDeletedId) }
  }
  for (const group of stream.groups) yield* groupFacts(group, countsReads)
}

function* groupFacts(
  { name, lastId, entriesRead, pending, consumers }: RdbGroup,
  countsReads: boolean,
): Generator<Fact> {
  const group = bytesOf(name)
  const read = countsReads ? `, entries read ${entriesRead ?? 'unknown'}` : ''
  yield { kind: 'group', name: group, value: text(`last id ${idText(lastId)}${read}`) }
  const owners = new Map<string, ByteString>()
  for (const consumer of consumers) {
    const owner = bytesOf(consumer.name)
    yield { kind: 'consumer', name: text(`${quoted(owner)} of ${quoted(group)}`), value: text('') }
    for (const id of consumer.pending) owners.set(idText(id), owner)
  }
  for (const { id, count } of pending) {
    const owner = quoted(owners.get(idText(id)) ?? '')
    const value = text(`${owner}, delivered ${count} times`)
    yield { kind: 'pending', name: text(`${idText(id)} of ${quoted(group)}`), value }
  }
}

/** -0 and 0 are one score to whoever asks, and two to whoever writes them down. */
function scoreText(score: number): string {
  return Object.is(score, -0) ? '-0' : String(score)
}

export function idText({ ms, seq }: StreamId): ByteString {
  return text(`${ms}-${seq}`)
}

export function bytesOf(bytes: Bytes): ByteString {
  return typeof bytes === 'string' ? (bytes as ByteString) : byteString(bytes)
}

/** The bytes of a string value, in one piece. */
export function wholeOf(value: (RdbValue & { type: 'string' })['value']): ByteString {
  if (typeof value === 'string' || Buffer.isBuffer(value) || !('pieces' in value)) return bytesOf(value)
  return byteString(Buffer.concat([...value.pieces]))
}

function text(value: string): ByteString {
  return value as ByteString
}
