/** OrderedTree beside a sorted array. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OrderedTree } from '../../../src/server/dataset/ordered-tree.ts'

const compare = (a: number, b: number) => a - b

function check(tree: OrderedTree<number>, model: readonly number[]): void {
  expect(tree.length).toBe(model.length)
  expect([...tree.ascending()]).toEqual(model)
  expect([...tree.descending()]).toEqual([...model].reverse())
}

describe('OrderedTree', () => {
  it('does what a sorted array does', () => {
    const step = fc.record({ add: fc.boolean(), from: fc.nat(5000), count: fc.integer({ min: 1, max: 400 }) })
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 30 }), fc.nat(), (steps, salt) => {
        const tree = new OrderedTree<number>(compare)
        const model = new Set<number>()
        for (const { add, from, count } of steps) {
          for (let i = 0; i < count; i++) {
            const item = (from + i * (1 + (salt % 7))) % 5000
            if (add && !model.has(item)) {
              tree.insert(item)
              model.add(item)
            } else if (!add) expect(tree.delete(item)).toBe(model.delete(item))
          }
        }
        const sorted = [...model].sort(compare)
        check(tree, sorted)
        for (const [rank, item] of sorted.entries()) {
          if (rank % 97 !== 0) continue
          expect(tree.rank(item)).toBe(rank)
          expect(tree.at(rank)).toBe(item)
          expect(tree.find(item)).toBe(item)
          expect([...tree.ascending(rank, rank + 3)]).toEqual(sorted.slice(rank, rank + 3))
          expect([...tree.descending(0, rank)]).toEqual(sorted.slice(0, rank).reverse())
        }
        expect(tree.at(sorted.length)).toBeUndefined()
        expect(tree.find(-1)).toBeUndefined()
        expect(tree.countWhile((item) => item < 2500)).toBe(sorted.filter((item) => item < 2500).length)
      }),
      { numRuns: 60, endOnFailure: true },
    )
  })

  it('grows and shrinks through several levels, from both ends', () => {
    const tree = new OrderedTree<number>(compare)
    const count = 20_000
    for (let i = 0; i < count; i++) tree.insert(i)
    for (let i = 1; i <= count; i++) tree.insert(-i)
    expect(tree.rank(0)).toBe(count)
    for (let i = 0; i < count; i++) tree.delete(tree.at(0)!)
    for (let i = 0; i < count - 100; i++) tree.delete(tree.at(tree.length - 1)!)
    check(
      tree,
      Array.from({ length: 100 }, (_, i) => i),
    )
    for (let i = 0; i < 100; i++) expect(tree.delete(i)).toBe(true)
    check(tree, [])
    tree.insert(7)
    check(tree, [7])
  })
})
