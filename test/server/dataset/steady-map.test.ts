/** A map with vacancies beside a plain one. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SteadyMap } from '../../../src/server/dataset/steady-map.ts'

describe('a steady map', () => {
  it('is a map, whatever comes and goes', () => {
    const step = fc.tuple(fc.constantFrom('set', 'delete', 'many', 'few'), fc.nat(3000))
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100, size: 'max' }), (steps) => {
        const map = new SteadyMap<string, number>()
        const model = new Map<string, number>()
        const set = (key: string, value: number) => {
          map.set(key, value)
          model.set(key, value)
        }
        const remove = (key: string) => expect(map.delete(key)).toBe(model.delete(key))
        for (const [what, n] of steps) {
          if (what === 'set') set(`${n}`, n)
          else if (what === 'delete') remove(`${n}`)
          else if (what === 'many') for (let i = 0; i < n; i++) set(`${i}`, i)
          else for (let i = 0; i < n; i++) remove(`${i}`)
          expect(map.size).toBe(model.size)
          for (const probe of [n, n + 1, 0]) {
            expect(map.get(`${probe}`)).toBe(model.get(`${probe}`))
            expect(map.has(`${probe}`)).toBe(model.has(`${probe}`))
          }
        }
      }),
      { numRuns: 15 },
    )
  })

  it('finds a key that came and went as fast as any other', () => {
    const map = new SteadyMap<string, number>()
    for (let i = 0; i < 100_000; i++) map.set(`key:${i}`, i)
    const took = (key: (i: number) => string) => {
      const began = process.cpuUsage()
      for (let i = 0; i < 30_000; i++) {
        map.set(key(i), i)
        map.get(key(i))
        map.delete(key(i))
      }
      const { user, system } = process.cpuUsage(began)
      return user + system
    }
    const others = took((i) => `other:${i}`)
    // A plain Map needs some fifty times as long.
    expect(took(() => 'queue')).toBeLessThan(10 * others + 50_000)
  })
})
