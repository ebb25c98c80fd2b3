import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Digest } from '../../src/rdb/diff-digest.ts'
import { KeyTable } from '../../src/rdb/diff-table.ts'

function digestOf(...parts: (string | number)[]): Int32Array {
  const digest = new Digest()
  digest.begin(7)
  for (const part of parts) {
    if (typeof part === 'string') digest.text(part)
    else digest.number(part)
  }
  digest.end()
  return digest.lanes
}

it('remembers many keys, and what became of them', () => {
  const table = new KeyTable()
  const count = 30_000
  for (let i = 0; i < count; i++) expect(table.insert(digestOf('key', i), digestOf('value', i))).toBe(true)
  expect(table.insert(digestOf('key', 5), digestOf('other'))).toBe(false)
  for (let i = 0; i < count; i += 3) {
    const isEqual = i % 2 === 0
    const position = i * 2 ** 32 + 0x8000_0000
    const match = table.match(digestOf('key', i), digestOf('value', isEqual ? i : -1), position)
    expect(match).toBe(isEqual ? 'equal' : 'different')
    expect(table.match(digestOf('key', i), digestOf('value', i), 0)).toBe('twice')
  }
  for (let i = 0; i < count; i++) {
    const hash = digestOf('key', i)
    const state = i % 3 !== 0 ? 'only-first' : i % 2 === 0 ? 'equal' : 'different'
    expect(table.stateOf(hash)).toBe(state)
    if (state === 'different') expect(table.positionOf(hash)).toBe(i * 2 ** 32 + 0x8000_0000)
  }
  expect(table.match(digestOf('none'), digestOf('none'), 0)).toBe('absent')
  // Capacity is at most half as much again as what fills four fifths of it.
  expect(table.bytes).toBeLessThan(24 * count * 2)
})

it('gives different sequences of parts different digests', () => {
  const part = fc.oneof(
    fc.integer(),
    fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((c) => String.fromCharCode(c)), maxLength: 40 }),
  )
  fc.assert(
    fc.property(fc.array(part), fc.array(part), (a, b) => {
      const isSame = a.length === b.length && a.every((one, i) => Object.is(one, b[i]))
      expect([...digestOf(...a)].join() === [...digestOf(...b)].join()).toBe(isSame)
    }),
  )
  // Where the limits between strings lie, and what a string has behind its end, matters.
  const close = ['', '\0', '\0\0', 'a', 'a\0', '\0a', 'ab', 'abcdefghijklmnop', 'abcdefghijklmnop\0']
  const all = close.flatMap((a) => [digestOf(a), ...close.map((b) => digestOf(a, b))])
  expect(new Set(all.map((lanes) => [...lanes].join())).size).toBe(all.length)
})

it('spreads over all bits: no two of very many are alike in any two lanes', () => {
  const seen = new Set<string>()
  for (let i = 0; i < 50_000; i++) {
    const lanes = digestOf(`user:${i}`)
    seen.add(`a${lanes[0]} ${lanes[1]}`)
    seen.add(`b${lanes[2]} ${lanes[3]}`)
    seen.add(`c${lanes[0]} ${lanes[3]}`)
  }
  expect(seen.size).toBe(150_000)
})
