/** Which database was selected where, for as many histories and selects as are remembered. */
import { describe, expect, it } from 'vitest'
import type { ByteString } from '../../src/bytes/byte-string.ts'
import { Histories } from '../../src/replication/histories.ts'

const [a, b, c] = ['a', 'b', 'c'] as [ByteString, ByteString, ByteString]

describe('histories', () => {
  it('know the database at an offset, from the SELECT before it', () => {
    const histories = new Histories()
    histories.selected(a, 100, 0)
    histories.selected(a, 200, 5)
    expect([99, 100, 199, 200, 9999].map((offset) => histories.dbAt(a, offset))).toEqual([
      undefined,
      0,
      0,
      5,
      5,
    ])
    expect(histories.dbAt(b, 200)).toBeUndefined()
  })

  it('hear the same SELECT from each replica of a master, and keep it once', () => {
    const histories = new Histories()
    histories.selected(a, 100, 1)
    histories.selected(a, 200, 2)
    histories.selected(a, 100, 1)
    histories.selected(a, 150, 9)
    expect([150, 200].map((offset) => histories.dbAt(a, offset))).toEqual([1, 2])
  })

  it('are shared up to a promotion, and part there', () => {
    const histories = new Histories()
    histories.selected(a, 100, 1)
    histories.selected(a, 200, 2)
    histories.continues(b, a, 150)
    expect(histories.dbAt(b, 500)).toBe(1)
    histories.selected(b, 300, 7)
    histories.selected(a, 300, 8)
    expect([histories.dbAt(a, 300), histories.dbAt(b, 300)]).toEqual([8, 7])
  })

  it('do not begin again when another replica comes back after the promotion', () => {
    const histories = new Histories()
    histories.selected(a, 100, 1)
    histories.continues(b, a, 100)
    histories.selected(b, 200, 6)
    histories.continues(b, a, 100)
    expect(histories.dbAt(b, 200)).toBe(6)
    histories.continues(a, a, 50)
    expect(histories.dbAt(a, 100)).toBe(1)
  })

  it('forget the oldest SELECTs and say that they do not know', () => {
    const histories = new Histories()
    for (let i = 1; i <= 100_000; i++) histories.selected(a, i * 23, i % 16)
    expect(histories.dbAt(a, 100_000 * 23)).toBe(100_000 % 16)
    expect(histories.dbAt(a, 99_000 * 23 + 22)).toBe(99_000 % 16)
    expect(histories.dbAt(a, 23)).toBeUndefined()
  })

  it('forget the oldest history, not the one in use', () => {
    const histories = new Histories()
    histories.selected(c, 1, 1)
    for (let i = 0; i < 64; i++) histories.selected(`id${i}` as ByteString, 1, 2)
    expect(histories.dbAt(c, 1)).toBeUndefined()
    expect(histories.dbAt('id63' as ByteString, 1)).toBe(2)
  })
})
