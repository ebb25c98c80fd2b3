import fc from 'fast-check'
import { expect, it } from 'vitest'
import { isBefore, PendingTable } from '../../src/rdb/convert-pending.ts'

const id = fc
  .tuple(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.bigInt({ min: 0n, max: 5n }))
  .map(([ms, sequence]) => `${ms}-${sequence}`)

it('finds what was added, in the order of the ids', () => {
  fc.assert(
    fc.property(fc.uniqueArray(id, { maxLength: 60 }), id, (ids, other) => {
      const table = new PendingTable()
      ids.forEach((one, i) => {
        table.add(one, i * 1000, i)
      })
      for (const [i, one] of ids.entries()) {
        const row = table.find(one)
        expect([table.idAt(row), table.deliveredAt(row), table.deliveries(row)]).toEqual([one, i * 1000, i])
      }
      expect(table.find(other) >= 0).toBe(ids.includes(other))
      const sorted = ids.map((_, row) => table.idAt(row))
      expect(sorted.every((one, row) => row === 0 || isBefore(sorted[row - 1]!, one))).toBe(true)
      table.clear()
      expect(table.find(other)).toBe(-1)
    }),
  )
})
