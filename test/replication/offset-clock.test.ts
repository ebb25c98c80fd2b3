/** When offset N passed: exactly while there is room, coarser when there is not, never wrong by being early. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OffsetClock } from '../../src/replication/offset-clock.ts'
import { heldBy } from '../support/memory.ts'

describe('the clock of offsets', () => {
  it('tells the time of the first chunk that reached an offset', () => {
    const clock = new OffsetClock()
    expect(clock.passedAt(0)).toBeUndefined()
    clock.mark(120, 1)
    clock.mark(480, 2)
    clock.mark(480, 3)
    clock.mark(512, 4)
    expect([0, 120, 121, 480, 481, 512, 513].map((offset) => clock.passedAt(offset))).toEqual([
      1,
      1,
      2,
      2,
      4,
      4,
      undefined,
    ])
  })

  it('forgets what is acknowledged, but not the mark that an ACK repeats', () => {
    const clock = new OffsetClock()
    clock.mark(100, 1)
    clock.mark(200, 2)
    clock.acknowledge(150)
    expect([50, 150, 200].map((offset) => clock.passedAt(offset))).toEqual([2, 2, 2])
    clock.acknowledge(200)
    expect(clock.passedAt(200)).toBe(2)
    clock.acknowledge(201)
    expect(clock.passedAt(200)).toBeUndefined()
    clock.mark(300, 3)
    expect(clock.passedAt(250)).toBe(3)
  })

  it('agrees with a list of all marks as long as they are few', () => {
    const steps = fc.array(
      fc.oneof(
        fc.record({ mark: fc.nat(50) }),
        fc.record({ acknowledge: fc.nat(300) }),
        fc.record({ ask: fc.nat(400) }),
      ),
    )
    fc.assert(
      fc.property(steps, (list) => {
        const clock = new OffsetClock()
        let marks: { offset: number; time: number }[] = []
        let offset = 0
        list.forEach((step, time) => {
          if ('mark' in step) {
            offset += step.mark
            clock.mark(offset, time)
            if (marks.length === 0 || marks.at(-1)!.offset < offset) marks.push({ offset, time })
          } else if ('acknowledge' in step) {
            clock.acknowledge(step.acknowledge)
            marks = marks.filter((mark) => mark.offset >= step.acknowledge)
          } else {
            expect(clock.passedAt(step.ask)).toBe(marks.find((mark) => mark.offset >= step.ask)?.time)
          }
        })
      }),
    )
  })

  it('gets coarser, not larger and not earlier, when a replica does not answer', () => {
    const clock = new OffsetClock()
    const marks = 1_000_000
    const grown = heldBy(() => {
      for (let i = 1; i <= marks; i++) clock.mark(i * 10, i)
      return clock
    })
    expect(grown).toBeLessThan(1024 * 1024)
    for (const i of [1, 5000, 123_456, marks - 1, marks]) {
      const at = clock.passedAt(i * 10)!
      expect(at).toBeGreaterThanOrEqual(i)
    }
    expect(clock.passedAt(marks * 10)).toBe(marks)
    clock.acknowledge(marks * 10)
    expect(clock.passedAt(marks * 10)).toBe(marks)
  })

  it('is as fast for a replica that answers late as for one that answers at once', () => {
    const clock = new OffsetClock()
    for (let i = 1; i <= 500_000; i++) {
      clock.mark(i, i)
      if (i > 3000) clock.acknowledge(i - 3000)
    }
    expect(clock.passedAt(499_000)).toBe(499_000)
  })
})
