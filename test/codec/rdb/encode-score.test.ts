import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { scoreInteger, scoreText, shortScoreText } from '../../../src/codec/rdb/encode-score.ts'

const score = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer({ min: -1e9, max: 1e9 }).map((n) => n / 64),
  fc.integer({ min: -30, max: 30 }).map((power) => 1.5 * 10 ** power),
  fc.integer({ min: 0, max: 60 }).map((power) => 1 + 2 ** -power),
)

// That the texts are Redis's own is shown in encode-live.test.ts; here, that none of them loses anything.
describe('the text of a score', () => {
  it('reads back as the same double', () => {
    fc.assert(
      fc.property(score, (value) => {
        for (const text of [scoreText(value), shortScoreText(value)]) {
          expect(text).toMatch(/^-?\d+(\.\d+)?(e[-+]\d+)?$/)
          expect(Number(text) === value, text).toBe(true)
        }
      }),
      { numRuns: 3000 },
    )
  })

  it('names what has no digits', () => {
    const all = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN]
    expect(all.map(scoreText)).toEqual(['inf', '-inf', 'nan'])
    expect(all.map(shortScoreText)).toEqual(['inf', '-inf', 'nan'])
    expect(scoreText(-0)).toBe('-0')
  })

  it('is an integer where a listpack can hold it exactly', () => {
    fc.assert(
      fc.property(fc.oneof(score, fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n }).map(Number)), (value) => {
        const integer = scoreInteger(value)
        const isExact = Number.isInteger(value) && Math.abs(value) <= 2 ** 62
        expect(integer === undefined).toBe(!isExact)
        if (integer !== undefined) expect(Number(integer) === value).toBe(true)
      }),
    )
    expect(Object.is(scoreInteger(-0), 0)).toBe(true)
  })
})
