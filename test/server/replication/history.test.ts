import { describe, expect, it } from 'vitest'
import type { ByteString } from '../../../src/bytes/byte-string.ts'
import { decide, History, NO_REPLID } from '../../../src/server/replication/history.ts'
import { seededRandom } from '../../support/reference.ts'

const OLD = 'b'.repeat(40) as ByteString

/** At offset 77 with a backlog of everything, grown out of history OLD at offset 50. */
function atOffset77(): History {
  const history = new History(seededRandom(1))
  history.resume(OLD, 50)
  history.offset = 77
  return history
}

describe('a partial resync', () => {
  const history = atOffset77()
  const id = history.replid
  const all = { first: 1, length: 77 }
  const late = { first: 20, length: 58 }

  it.each([
    [id, 78, all, 'continue'],
    [id, 79, all, 'beyond-offset'],
    [id, 77, all, 'continue'],
    [id, 1, all, 'continue'],
    [id, 0, all, 'before-backlog'],
    [id, -1, all, 'before-backlog'],
    [id.toUpperCase(), 78, all, 'continue'],
    [id, 20, late, 'continue'],
    [id, 19, late, 'before-backlog'],
    [id, 78, undefined, 'no-backlog'],
    [OLD, 51, all, 'continue'],
    [OLD, 52, all, 'second-id-too-late'],
    [OLD, 51, undefined, 'no-backlog'],
    ['?', -1, all, 'asked-for-all'],
    ['c'.repeat(40), 78, all, 'other-history'],
    [NO_REPLID, 78, all, 'other-history'],
    ['short', 78, all, 'other-history'],
  ] as const)('of %s from byte %i with %o: %s', (replid, offset, backlog, decision) => {
    expect(decide({ replid, offset }, history, backlog)).toBe(decision)
  })
})

describe('a history', () => {
  it('is known whatever the case of its id, which came from a master', () => {
    const history = atOffset77()
    history.rename('D'.repeat(40) as ByteString)
    const wanted = { replid: 'D'.repeat(40), offset: 78 }
    expect(decide(wanted, history, { first: 1, length: 77 })).toBe('continue')
  })

  it('parts at a promotion: the old id is good up to there', () => {
    const history = atOffset77()
    const before = history.replid
    history.part()
    expect(history.replid).not.toBe(before)
    expect(history).toMatchObject({ replid2: before, secondOffset: 78, offset: 77 })
  })

  it('follows its master under another id', () => {
    const history = atOffset77()
    const before = history.replid
    history.rename(OLD)
    expect(history).toMatchObject({ replid: OLD, replid2: before, secondOffset: 78, offset: 77 })
  })

  it('has no past when it is renewed, nor when the dataset is another one', () => {
    const history = atOffset77()
    history.renew()
    expect(history).toMatchObject({ replid2: NO_REPLID, secondOffset: -1, offset: 77 })
    history.adopt(OLD, 5)
    expect(history).toMatchObject({ replid: OLD, replid2: NO_REPLID, secondOffset: -1, offset: 5 })
  })
})
