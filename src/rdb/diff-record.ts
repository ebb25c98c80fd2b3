/**
 * The first difference between two values, however large they are.
 *
 *   1  facts of both ─► sums of their digests in buckets        memory: the buckets
 *   2  the first bucket whose sums differ: its facts of both    memory: about a thousand facts
 *
 * Small values have one bucket, so the first difference is the first in the stored order of the first value;
 * of a larger one it is the first of its bucket, and for lists and entries of streams buckets are in order.
 *
 * Strings longer than 64 KiB are compared byte by byte where they are values themselves. Inside of
 * collections they are told by length, beginning and CRC-64.
 */
import { byteString } from '../bytes/byte-string.ts'
import type { RdbEvent, RdbKey, RdbKeyEnd } from '../codec/rdb/events.ts'
import { MAX_VALUE_BYTES } from '../codec/rdb/walk.ts'
import { addLanes, Digest, type Part } from './diff-digest.ts'
import { FACTS, type Fact, FactReader, type FactRules } from './diff-facts.ts'
import { type ReadOptions, readLongString, readRecord, type SnapshotBytes } from './reread.ts'

/** A record of one of the snapshots. */
export type RecordAt = {
  readonly bytes: SnapshotBytes
  /** From magicOf. */
  readonly magic: Buffer
  readonly startsAt: number
}

/** Null: not there. */
export type Told = Part | null

export type FirstDifference = {
  /** `type`, `expiry`, `encoding`, `value`, `field`, … */
  readonly name: string
  /** Which of them: the name of a field, the index of an item, group and id of a pending entry. */
  readonly where: readonly Part[]
  /** Which part of it: `expiry`; empty where there is but one. */
  readonly part: string
  /** In the first and in the second snapshot. */
  readonly first: Told
  readonly second: Told
}

export type RecordRules = FactRules & { readonly encodings: boolean }

const FACTS_PER_BUCKET = 1024
const BUCKETS_MAX = 64 * 1024
/** No fact is shorter, except where compression made it so; then there are as many items. */
const FACT_BYTES_MIN = 16
const EXCERPT_BYTES = 40
const ELEMENTS: ReadOptions = { detail: 'elements', maxValueBytes: MAX_VALUE_BYTES }
const KEYS: ReadOptions = { detail: 'keys', maxValueBytes: MAX_VALUE_BYTES }

/**
 * Tells in what two records differ.
 * @returns 'other-key' where their keys are not the same; undefined where no difference is found that can be
 * told
 */
export function firstDifference(
  first: RecordAt,
  second: RecordAt,
  rules: RecordRules,
): FirstDifference | 'other-key' | undefined {
  const a = headOf(first)
  const b = headOf(second)
  if (!sameParts([a.key.key], [b.key.key])) return 'other-key'
  const of = (name: string, one: Part, other: Part): FirstDifference => ({
    name,
    where: [],
    part: '',
    first: one,
    second: other,
  })
  if (a.key.type !== b.key.type) return of('type', a.key.type as Part, b.key.type as Part)
  if (a.key.expireAt !== b.key.expireAt) return of('expiry', a.key.expireAt, b.key.expireAt)
  const inValue =
    a.key.type === 'string' && a.isLong && b.isLong
      ? inLongStrings({ ...first, ...a }, { ...second, ...b })
      : inFacts(first, second, rules, Math.max(a.facts, b.facts))
  if (inValue !== undefined) return inValue
  if (rules.encodings && a.key.encoding !== b.key.encoding) {
    return of('encoding', a.key.encoding as Part, b.key.encoding as Part)
  }
  return undefined
}

type Head = { key: RdbKey; end: RdbKeyEnd; facts: number; isLong: boolean }

function headOf(record: RecordAt): Head {
  let key: RdbKey | undefined
  for (const event of readRecord(record.bytes, record.magic, record.startsAt, KEYS)) {
    if (event.kind === 'key') key = event
    if (event.kind !== 'key-end') continue
    const facts = Math.max(event.items, event.valueBytes / FACT_BYTES_MIN)
    return { key: key!, end: event, facts, isLong: isLong(record, event) }
  }
  throw new Error(`${record.bytes.name} changed while it was read`)
}

/** Whether the value of a string record has to be compared in pieces. */
function isLong(record: RecordAt, end: RdbKeyEnd): boolean {
  if (end.of.type !== 'string') return false
  for (const event of readRecord(record.bytes, record.magic, record.startsAt, ELEMENTS)) {
    if (event.kind === 'string') return typeof event.value !== 'string'
  }
  return false
}

function inFacts(
  first: RecordAt,
  second: RecordAt,
  rules: FactRules,
  facts: number,
): FirstDifference | undefined {
  const buckets = Math.min(BUCKETS_MAX, Math.max(1, Math.ceil(facts / FACTS_PER_BUCKET)))
  const plan = new Buckets(buckets, Math.ceil(facts / buckets))
  const one = sumsOf(first, rules, plan)
  const other = sumsOf(second, rules, plan)
  const bucket = one.findIndex((lane, i) => lane !== other[i]) >> 2
  if (bucket < 0) return undefined
  return inBucket(factsIn(first, rules, plan, bucket), factsIn(second, rules, plan, bucket))
}

/** Which bucket a fact belongs to: neighbours to the same where facts have an order. */
class Buckets {
  readonly count: number
  readonly #width: number
  readonly #digest = new Digest()

  constructor(count: number, width: number) {
    this.count = count
    this.#width = width
  }

  of(fact: Fact): number {
    if (this.count === 1) return 0
    if (fact.ordinal !== undefined) return Math.floor(fact.ordinal / this.#width) % this.count
    const digest = this.#digest
    digest.begin(0)
    digest.text(fact.name)
    for (const part of fact.where) digest.part(part)
    digest.end()
    return (digest.lanes[0]! >>> 0) % this.count
  }
}

function sumsOf(record: RecordAt, rules: FactRules, plan: Buckets): Int32Array {
  const sums = new Int32Array(plan.count * 4)
  const digest = new Digest()
  for (const fact of factsOf(record, rules)) {
    digestFact(digest, fact)
    addLanes(sums, digest.lanes, plan.of(fact) * 4)
  }
  return sums
}

/** The digest of a fact, in its lanes. */
export function digestFact(digest: Digest, fact: Fact): void {
  digest.begin(fact.where.length)
  digest.text(fact.name)
  for (const part of fact.where) digest.part(part)
  for (const part of fact.what) digest.part(part)
  digest.end()
}

function factsIn(record: RecordAt, rules: FactRules, plan: Buckets, bucket: number): Map<string, Fact> {
  const found = new Map<string, Fact>()
  for (const fact of factsOf(record, rules)) {
    if (plan.of(fact) === bucket) found.set(JSON.stringify([fact.name, fact.where.map(plain)]), fact)
  }
  return found
}

function* factsOf(record: RecordAt, rules: FactRules): Generator<Fact> {
  const reader = new FactReader(rules)
  const facts: Fact[] = []
  const take = (fact: Fact) => facts.push(fact)
  for (const event of readRecord(
    record.bytes,
    record.magic,
    record.startsAt,
    ELEMENTS,
  ) as Iterable<RdbEvent>) {
    reader.read(event, take)
    yield* facts
    facts.length = 0
  }
}

function inBucket(first: Map<string, Fact>, second: Map<string, Fact>): FirstDifference | undefined {
  let found: { difference: FirstDifference; rank: number } | undefined
  const rankOf = ({ ordinal }: Fact) => ordinal ?? Number.POSITIVE_INFINITY
  for (const [id, fact] of first) {
    const other = second.get(id)
    if (other !== undefined && sameParts(fact.what, other.what)) continue
    found = { difference: betweenFacts(fact, other), rank: rankOf(fact) }
    break
  }
  for (const [id, fact] of second) {
    if (first.has(id)) continue
    if (found === undefined || rankOf(fact) < found.rank) {
      return { ...betweenFacts(fact, undefined), first: null, second: whole(fact) }
    }
    break
  }
  return found?.difference
}

function betweenFacts(fact: Fact, other: Fact | undefined): FirstDifference {
  const { name, where, what } = fact
  if (other === undefined) return { name, where, part: '', first: whole(fact), second: null }
  const at = Array.from({ length: Math.max(what.length, other.what.length) }).findIndex(
    (_, i) => !sameParts([what[i]], [other.what[i]]),
  )
  const beyond = (parts: readonly Part[]): Told => (at < parts.length ? parts[at] : null)
  return { name, where, part: partName(fact, at), first: beyond(what), second: beyond(other.what) }
}

/** What is told of a fact that only one has: its first part, which for most is the only one. */
function whole({ what }: Fact): Told {
  return what.length === 0 ? undefined : what[0]
}

function partName(fact: Fact, at: number): string {
  if (fact.name !== 'entry') return FACTS[fact.name][at] ?? ''
  const field = fact.what[at - 1]
  if (at % 2 === 0) return `name of field ${at / 2}`
  return typeof field === 'string' && field.length <= EXCERPT_BYTES
    ? `field ${JSON.stringify(field)}`
    : 'value'
}

function sameParts(a: readonly Part[], b: readonly Part[]): boolean {
  return a.length === b.length && a.every((part, i) => Object.is(plain(part), plain(b[i])))
}

/** A part as something that can be compared. */
function plain(part: Part): string | number | undefined {
  if (typeof part === 'bigint') return `${part}n`
  if (typeof part !== 'object') return part
  return `${part.bytes} ${part.hash} ${part.preview}`
}

type LongRecord = RecordAt & Head

function inLongStrings(first: LongRecord, second: LongRecord): FirstDifference | undefined {
  const one = new Pieces(readLongString(first.bytes, spanFrom(first)))
  const other = new Pieces(readLongString(second.bytes, spanFrom(second)))
  for (let at = 0; ; ) {
    const size = Math.min(one.available(), other.available())
    const isOver = size === 0
    const a = one.peek(isOver ? EXCERPT_BYTES : size)
    const b = other.peek(isOver ? EXCERPT_BYTES : size)
    if (isOver && a.length === 0 && b.length === 0) return undefined
    if (isOver || !a.equals(b)) {
      let same = 0
      while (!isOver && a[same] === b[same]) same++
      const excerpt = (bytes: Buffer): Told =>
        bytes.length === 0 ? null : byteString(bytes.subarray(same, same + EXCERPT_BYTES))
      return {
        name: 'value',
        where: [],
        part: `from byte ${at + same}`,
        first: excerpt(a),
        second: excerpt(b),
      }
    }
    one.skip(size)
    other.skip(size)
    at += size
  }
}

function spanFrom({ startsAt, end }: LongRecord) {
  return { startsAt, endsAt: startsAt + end.bytes, valueBytes: end.valueBytes }
}

/** Pieces as a window that can be looked at and moved on. */
class Pieces {
  readonly #pieces: Iterator<Buffer>
  #piece: Buffer = Buffer.alloc(0)

  constructor(pieces: Iterable<Buffer>) {
    this.#pieces = pieces[Symbol.iterator]()
  }

  /** Bytes that can be peeked at; 0 at the end. */
  available(): number {
    while (this.#piece.length === 0) {
      const { value, done } = this.#pieces.next()
      if (done) return 0
      this.#piece = value
    }
    return this.#piece.length
  }

  peek(size: number): Buffer {
    return this.#piece.subarray(0, size)
  }

  skip(size: number): void {
    this.#piece = this.#piece.subarray(size)
  }
}
