/** What is said of a double is what JavaScript says of it; where nothing is said, JavaScript is asked. */
import { describe, expect, it } from 'vitest'
import { decimalAt, putShortest, SHORTEST_MAX } from '../../src/rdb/shortest-double.ts'
import { mulberry32 } from '../support/every-split.ts'

const into = Buffer.alloc(SHORTEST_MAX)

function textOf(value: number): string | undefined {
  const end = putShortest(into, 0, value)
  return end < 0 ? undefined : into.toString('latin1', 0, end)
}

function meaningOf(text: string): number {
  return decimalAt(Buffer.from(`x${text}x`), 1, 1 + text.length)
}

/** Doubles of every kind: short and long texts, all sizes, all bit patterns, neighbours of powers. */
function* doubles(count: number): Generator<number, void, void> {
  const random = mulberry32(5)
  const bits = Buffer.alloc(8)
  for (let i = 0; i < count; i++) {
    yield random() * 1000
    yield random() * 10 ** Math.floor(random() * 22 - 6)
    yield Math.round(random() * 1e6) / 10 ** Math.floor(random() * 9)
    yield Number((random() * 90).toFixed(14))
    yield 2 ** Math.floor(random() * 60 - 14) * (1 + random() * 1e-12)
    yield 10 ** Math.floor(random() * 20 - 5) * (1 + (random() - 0.5) * 1e-15)
    for (let byte = 0; byte < 8; byte++) bits[byte] = random() * 256
    yield Math.abs(bits.readDoubleLE())
  }
}

describe('the shortest text of a double', () => {
  it('is what JavaScript prints, or is not told', () => {
    let told = 0
    let all = 0
    for (const value of doubles(40_000)) {
      const text = textOf(value)
      all++
      if (text === undefined) continue
      told++
      if (text !== String(value)) expect(text).toBe(String(value))
    }
    expect(told / all).toBeGreaterThan(0.6)
  })

  it.each([0, -1, Number.NaN, Infinity, 1e-7, 1e300, 5e-324])('is not told of %d', (value) => {
    expect(textOf(value)).toBeUndefined()
  })
})

describe('a decimal text', () => {
  it('means what JavaScript says, or is not told', () => {
    const random = mulberry32(6)
    let told = 0
    let all = 0
    for (const value of doubles(20_000)) {
      const long = value < 1e15 && value > 1e-4 ? value.toPrecision(17) : String(value)
      const changed = `${long.slice(0, -1)}${Math.floor(random() * 10)}`
      for (const text of [long, String(value), changed, `-${long}`]) {
        const meant = meaningOf(text)
        all++
        if (Number.isNaN(meant)) continue
        told++
        if (meant !== Number(text)) expect([text, meant]).toEqual([text, Number(text)])
      }
    }
    expect(told / all).toBeGreaterThan(0.6)
  })

  it.each(['', '-', '.', '-.', '0', '-0', '1e5', 'inf', 'nan', '1.2.3', ' 1.5', '1.5 ', '0x1.8'])(
    'that is none, or no plain one, is not told: "%s"',
    (text) => {
      expect(meaningOf(text)).toBeNaN()
    },
  )

  it('reads no further than it is long', () => {
    expect(meaningOf('0.00012345678901234567')).toBe(0.00012345678901234567)
    expect(meaningOf('.5')).toBe(0.5)
    expect(meaningOf('123456789.125')).toBe(123456789.125)
  })
})
