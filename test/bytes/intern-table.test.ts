/** The same words without new strings: right for any bytes, also when two words fall into one slot. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InternTable } from '../../src/bytes/intern-table.ts'
import { heldBy } from '../support/memory.ts'

const upper = (bytes: Buffer) => bytes.toString('latin1').replace(/[a-z]/g, (letter) => letter.toUpperCase())

describe('an intern table', () => {
  it('gives every word in upper case, ASCII letters only', () => {
    const table = new InternTable()
    const words = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 30 })
    fc.assert(
      fc.property(words, (list) => {
        for (const word of [...list, ...list]) {
          const bytes = Buffer.concat([Buffer.from('<'), word, Buffer.from('>')])
          expect(table.upper(bytes, 1, bytes.length - 1)).toBe(upper(Buffer.from(word)))
        }
      }),
    )
  })

  it('keeps words apart that differ in the bit that case differs in', () => {
    const table = new InternTable()
    for (const word of ['set', 'SET', '[', '{', '@', '`', '\x1f', '?', 'a\x00', 'a ', '', '\xe4', '\xc4']) {
      const bytes = Buffer.from(word, 'latin1')
      expect(table.upper(bytes, 0, bytes.length)).toBe(upper(bytes))
    }
  })

  it('gives words as they stand there, too, however few slots there are', () => {
    const table = new InternTable(2)
    const words = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 30 })
    fc.assert(
      fc.property(words, (list) => {
        for (const word of [...list, ...list]) {
          const bytes = Buffer.concat([Buffer.from('<'), word, Buffer.from('>')])
          expect(table.exact(bytes, 1, bytes.length - 1)).toBe(Buffer.from(word).toString('latin1'))
        }
      }),
    )
  })

  it('is bounded, and right when it is full', () => {
    const table = new InternTable()
    const grown = heldBy(() => {
      for (let i = 0; i < 200_000; i++) {
        const bytes = Buffer.from(`word${i}`)
        if (table.upper(bytes, 0, bytes.length) !== `WORD${i}`) throw new Error(`word${i}`)
      }
      return table
    })
    expect(grown).toBeLessThan(1024 * 1024)
  })
})
