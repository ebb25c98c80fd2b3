/**
 * Judge: one key, as the reference has it and as the replica answered, at the same offset.
 *
 * What is no difference: a key that has expired and that the replica therefore does not show; how a value is
 * encoded; when something was used, seen or delivered.
 */
import type { ByteString } from '../bytes/byte-string.ts'
import { BYTE_STRING_MAX } from '../bytes/byte-string.ts'
import { decodeDump, dumpFooter } from '../codec/rdb/dump.ts'
import type { RdbValue } from '../codec/rdb/encode-model.ts'
import type { RdbElement, RdbKey } from '../codec/rdb/events.ts'
import { valueDigest } from '../server/dataset/digest.ts'
import { type Entry, NEVER } from '../server/dataset/entry.ts'
import { ENCODING_LIMITS } from '../server/dataset/value.ts'
import { IDEMPOTENCE, RDB_VERSION_MAX } from '../server/persistence/loader.ts'
import { Unloadable } from '../server/persistence/unloadable.ts'
import { ValueBuilder } from '../server/persistence/value-builder.ts'
import { type ValueDifference, valueDifference } from './facts.ts'
import type { KeyAnswer } from './question.ts'

/** What differs of a key; `ours` is the reference's, `theirs` the replica's. */
export type Difference =
  | ValueDifference
  | {
      /**
       * The replica has no such key; it has one that should not be; its deadline; the replica's answer cannot
       * be read; the digests differed, and no longer do.
       */
      readonly kind: 'missing' | 'extra' | 'expiry' | 'unreadable' | 'passing'
      readonly name: ByteString
      readonly ours: ByteString | undefined
      readonly theirs: ByteString | undefined
    }

export type Verdict =
  | { readonly kind: 'equal' }
  /** The digests differ: the value must be looked at. */
  | { readonly kind: 'suspect' }
  /** The values are equal, their digests are not: this server computes them in another way. */
  | { readonly kind: 'other-digest' }
  | { readonly kind: 'different'; readonly difference: Difference }

export type Rules = {
  /** Deadlines are told exactly, by the master and by the replica. */
  readonly exactExpiry: boolean
  /** The replica's clock, unix milliseconds. */
  readonly now: number
}

const NO_KEY = '0'.repeat(40)
/** By so much the replica's idea of the time may differ from what it told. */
const CLOCK_SLACK_MS = 1500
const EQUAL: Verdict = { kind: 'equal' }

export function judge(entry: Entry | undefined, answer: KeyAnswer, rules: Rules): Verdict {
  const { digest, dump } = answer
  const isAbsent = dump === undefined ? digest === NO_KEY : dump === null && (digest ?? NO_KEY) === NO_KEY
  if (entry === undefined) return isAbsent || dump === null ? EQUAL : extra(answer)
  const mayBeExpired = entry.expireAt !== NEVER && entry.expireAt <= rules.now + CLOCK_SLACK_MS
  if (isAbsent) return mayBeExpired ? EQUAL : different('missing', entry.value.type, undefined)
  const expiry = expiryDifference(entry, answer, rules, mayBeExpired)
  if (expiry !== undefined) return expiry
  if (dump === null) return EQUAL
  if (dump === undefined) {
    const own = valueDigest(entry.value.rdb(), entry.expireAt !== NEVER)
    return own === digest ? EQUAL : { kind: 'suspect' }
  }
  const theirs = decodedValue(dump)
  if (typeof theirs === 'string') return different('unreadable', undefined, theirs)
  const countsReads = dumpFooter(dump)?.version === RDB_VERSION_MAX
  const difference = valueDifference(entry.value.rdb(), theirs, countsReads)
  if (difference !== undefined) return { kind: 'different', difference }
  if (digest === undefined || digest === NO_KEY) return EQUAL
  const own = valueDigest(entry.value.rdb(), entry.expireAt !== NEVER)
  return own === digest ? EQUAL : { kind: 'other-digest' }
}

function expiryDifference(
  { expireAt }: Entry,
  { expiry }: KeyAnswer,
  { exactExpiry }: Rules,
  mayBeExpired: boolean,
): Verdict | undefined {
  // It has expired there, so it has a deadline too.
  if (expiry === -2 && mayBeExpired) return undefined
  const has = expiry !== -1
  const isEqual =
    exactExpiry && has && expireAt !== NEVER ? expiry === expireAt : has === (expireAt !== NEVER)
  if (isEqual) return undefined
  return different('expiry', expireAt === NEVER ? 'none' : String(expireAt), has ? String(expiry) : 'none')
}

function extra({ dump }: KeyAnswer): Verdict {
  // Only its digest was asked for: what it is must be asked.
  if (dump === undefined || dump === null) return { kind: 'suspect' }
  const value = decodedValue(dump)
  return different('extra', undefined, typeof value === 'string' ? value : value.type)
}

function different(kind: Difference['kind'], ours: string | undefined, theirs: string | undefined): Verdict {
  const texts = { name: '' as ByteString, ours: ours as ByteString, theirs: theirs as ByteString }
  return { kind: 'different', difference: { kind, ...texts } }
}

/** The value of a DUMP payload; in words what is wrong with it, where it cannot be read. */
export function decodedValue(dump: Buffer): RdbValue | string {
  const builder = new ValueBuilder(ENCODING_LIMITS)
  let problem: string | undefined
  let value: RdbValue | undefined
  const attempt = (step: () => void): void => {
    if (problem !== undefined) return
    try {
      step()
    } catch (error) {
      if (!(error instanceof Unloadable)) throw error
      problem = `it holds ${error.message}, which the reference does not know`
    }
  }
  decodeDump(dump, {
    detail: 'elements',
    maxValueBytes: BYTE_STRING_MAX,
    onFault: (fault) => {
      problem ??= fault.detail
    },
    onEvent: (event) => {
      attempt(() => {
        if (event.kind === 'key') builder.begin(event as RdbKey)
        else if (event.kind === 'key-end') value = builder.end()?.rdb()
        else if (!IDEMPOTENCE.has(event.kind)) builder.element(event as RdbElement)
      })
    },
  })
  return problem ?? value ?? 'an empty value'
}

/** Masters before 7.0 tell their replicas how long a key lives, not until when. */
export function tellsExactly(aux: ReadonlyMap<string, string>): boolean {
  return aux.has('valkey-ver') || Number.parseInt(aux.get('redis-ver') ?? '', 10) >= 7
}
