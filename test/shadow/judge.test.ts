/** What is a difference, and what is not: keys on their way out, deadlines, digests of other versions. */
import { describe, expect, it } from 'vitest'
import { fromText } from '../../src/bytes/byte-string.ts'
import { encodeDump } from '../../src/codec/rdb/encode-dump.ts'
import { valueDigest } from '../../src/server/dataset/digest.ts'
import { Entry } from '../../src/server/dataset/entry.ts'
import { StringValue } from '../../src/server/dataset/string-value.ts'
import { judge, type Rules } from '../../src/shadow/judge.ts'
import type { KeyAnswer } from '../../src/shadow/question.ts'

const NOW = 1_800_000_000_000
const RULES: Rules = { exactExpiry: true, now: NOW }
const NONE = '0'.repeat(40)

function entryOf(text: string, expireAt = -1): Entry {
  const entry = new Entry(fromText('k'), new StringValue(fromText(text)), NOW)
  entry.expireAt = expireAt
  return entry
}

function answerOf(text: string, expiry = -1): KeyAnswer {
  const value = new StringValue(fromText(text)).rdb()
  return { digest: valueDigest(value, expiry !== -1), dump: encodeDump(value)!, expiry }
}

describe('the judge', () => {
  it('takes a key that has expired and is not shown for equal, and no other', () => {
    const gone: KeyAnswer = { digest: undefined, dump: null, expiry: -2 }
    expect(judge(entryOf('v', NOW - 5), gone, RULES)).toEqual({ kind: 'equal' })
    expect(judge(entryOf('v', NOW + 60_000), gone, RULES)).toMatchObject({
      kind: 'different',
      difference: { kind: 'missing', ours: 'string' },
    })
    expect(judge(entryOf('v'), gone, RULES)).toMatchObject({ difference: { kind: 'missing' } })
    // DIGEST-VALUE sees it still, PEXPIRETIME does not.
    const hidden = { ...answerOf('v', NOW - 5), dump: undefined, expiry: -2 }
    expect(judge(entryOf('v', NOW - 5), hidden, RULES)).toEqual({ kind: 'equal' })
    expect(judge(undefined, gone, RULES)).toEqual({ kind: 'equal' })
    expect(judge(undefined, { digest: NONE, dump: undefined, expiry: -2 }, RULES)).toEqual({ kind: 'equal' })
  })

  it('compares deadlines exactly where they are told exactly', () => {
    const loose = { ...RULES, exactExpiry: false }
    const [ours, theirs] = [entryOf('v', NOW + 9000), answerOf('v', NOW + 9001)]
    expect(judge(ours, theirs, RULES)).toMatchObject({
      difference: { kind: 'expiry', ours: String(NOW + 9000) },
    })
    expect(judge(ours, theirs, loose)).toEqual({ kind: 'equal' })
    expect(judge(ours, answerOf('v'), loose)).toMatchObject({
      difference: { kind: 'expiry', theirs: 'none' },
    })
  })

  it('suspects a digest, and believes the value', () => {
    const other = { ...answerOf('v'), digest: 'f'.repeat(40) }
    expect(judge(entryOf('v'), { ...other, dump: undefined }, RULES)).toEqual({ kind: 'suspect' })
    expect(judge(entryOf('v'), other, RULES)).toEqual({ kind: 'other-digest' })
    expect(judge(undefined, { ...other, dump: undefined }, RULES)).toEqual({ kind: 'suspect' })
    expect(judge(undefined, other, RULES)).toMatchObject({ difference: { kind: 'extra', theirs: 'string' } })
  })

  it('says so where an answer cannot be read', () => {
    const broken = { ...answerOf('v'), dump: Buffer.from('not a payload at all') }
    expect(judge(entryOf('v'), broken, RULES)).toMatchObject({ difference: { kind: 'unreadable' } })
  })
})
