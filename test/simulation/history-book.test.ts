import { describe, expect, it } from 'vitest'
import type { ByteString } from '../../src/bytes/byte-string.ts'
import { HistoryBook, type Place } from './history-book.ts'

const NO_ID = '0'.repeat(40)
const at = (replid: string, offset: number, replid2 = NO_ID, secondOffset = -1): Place => ({
  replid,
  offset,
  replid2,
  secondOffset,
})
const text = (value: string): ByteString => value as ByteString

/** Master a writes `0123456789` from byte 1 on; b parts from it behind byte 6 and writes `xyz`. */
function written() {
  const book = new HistoryBook()
  const [a, b] = [{ name: 'a' }, { name: 'b' }]
  book.write(a, at('a', 0), text('01234'))
  book.write(a, at('a', 5), Buffer.from('56789'))
  book.write(b, at('b', 6, 'a', 7), text('xyz'))
  return { book, a, b }
}

describe('the book of histories', () => {
  it('accepts what a replica passes on, across the place where histories part', () => {
    const { book } = written()
    book.compare(at('a', 0), text('0123456789'))
    book.compare(at('b', 3), Buffer.from('345xyz'))
    book.compare(at('b', 7), text('yz'))
    expect([book.endOf('a'), book.endOf('b'), book.endOf('c')]).toEqual([10, 9, undefined])
  })

  it.each([
    ['another byte', at('a', 0), '0124', /came "0124", and its master sent "0123"/],
    ['a byte too many', at('a', 8), '89!', /byte 11 of a was never sent/],
    ["its parent's byte behind the parting", at('b', 5), '567', /came "67", and its master sent "xy"/],
    ['a history that nobody writes', at('c', 0), '0', /byte 1 of c was never sent/],
    ['what is older than its history', at('d', 0), '0', /never sent/],
  ])('refuses %s', (_what, place, bytes, why) => {
    const { book } = written()
    book.note({}, at('d', 5))
    expect(() => book.compare(place, text(bytes))).toThrow(why)
  })

  it('refuses a second author and gaps', () => {
    const { book, a, b } = written()
    expect(() => book.write(b, at('a', 10), text('?'))).toThrow(/two masters write under the id a/)
    expect(() => book.write(a, at('a', 9), text('?'))).toThrow(/byte 10 comes behind byte 10/)
    expect(() => book.write(a, at('a', 11), text('?'))).toThrow(/byte 12 comes behind byte 10/)
  })

  it('refuses an id that shares more, or less, than was there when it began', () => {
    const { book } = written()
    for (const secondOffset of [6, 8]) {
      expect(() => book.note({}, at('d', 6, 'a', secondOffset))).toThrow(/d begins behind byte 6, and shares/)
    }
  })

  it('grows', () => {
    const book = new HistoryBook()
    const piece = 'p'.repeat(3000)
    for (let i = 0; i < 20; i++) book.write(book, at('a', i * 3000), text(piece))
    book.compare(at('a', 0), text(piece.repeat(20)))
    expect(book.endOf('a')).toBe(60_000)
  })
})
