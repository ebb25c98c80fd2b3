/** PartialSort: the wanted part is what a whole sort puts there. (Its order among equals: geo.test.ts, by a real Redis.) */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { partialSort } from '../../src/server/partial-sort.ts'

it('puts what is wanted where a whole sort puts it', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(50), { minLength: 1, maxLength: 300 }),
      fc.nat(300),
      fc.nat(300),
      (numbers, first, length) => {
        const items = [...numbers]
        partialSort(items, (a, b) => a - b, first, first + length)
        const sorted = [...numbers].sort((a, b) => a - b)
        expect(items.slice(first, first + length + 1)).toEqual(sorted.slice(first, first + length + 1))
        expect([...items].sort((a, b) => a - b)).toEqual(sorted)
      },
    ),
  )
})
