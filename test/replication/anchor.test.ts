/** Which offset stands at which position: told, estimated from ACKs, settled, confirmed, or found to be wrong. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Anchor } from '../../src/replication/anchor.ts'

const told = (value: number) => {
  const anchor = new Anchor()
  anchor.know(value)
  return anchor
}

describe('an anchor that was told', () => {
  it('is confirmed by ACKs, however far behind they are', () => {
    const anchor = told(1000)
    for (const offset of [1000, 1000, 1020, 1050, 1050]) {
      expect(anchor.acked(offset, 50, 50, true)).toBeUndefined()
    }
    expect(anchor.value).toBe(1000)
  })

  it('is wrong where an ACK is ahead of what has passed, and still is at the next', () => {
    const anchor = told(1000)
    expect(anchor.acked(1057, 50, 50, true)).toBeUndefined()
    expect(anchor.acked(1057, 50, 50, true)).toEqual({ kind: 'mismatch', by: 'ack', correction: 7 })
    expect(anchor.acked(1057, 50, 50, true)).toBeUndefined()
    expect(anchor.acked(1057, 50, 50, true)).toBeUndefined()
  })

  it('is not wrong where an ACK was only seen before the bytes it acknowledges', () => {
    const anchor = told(1000)
    expect(anchor.acked(1057, 50, 50, true)).toBeUndefined()
    expect(anchor.acked(1057, 57, 57, true)).toBeUndefined()
    expect(anchor.ended(57)).toBeUndefined()
  })

  it('is wrong where the connection ends before an ACK that was ahead is caught up with', () => {
    const anchor = told(1000)
    anchor.acked(1057, 50, 50, true)
    expect(anchor.ended(50)).toEqual({ kind: 'mismatch', by: 'ack', correction: 7 })
  })

  it('is confirmed by the answer to a GETACK, also when another ACK crosses it', () => {
    const anchor = told(1000)
    for (const [getack, ...acks] of [
      [100, 1100],
      [200, 1150, 1200],
      [300, 1300, 1337],
    ] as const) {
      anchor.getack(getack)
      for (const offset of acks) expect(anchor.acked(offset, getack + 37, getack + 37, true)).toBeUndefined()
    }
  })

  it.each([
    [[1107], 7],
    [[1090, 1127], -10],
    [[1137], 37],
  ])('is wrong where %j answers a GETACK at 1100: by %i', (acks, correction) => {
    const anchor = told(1000)
    anchor.getack(100)
    const findings = acks.flatMap((offset) => anchor.acked(offset, 137, 137, true) ?? [])
    expect(findings).toEqual([{ kind: 'mismatch', by: 'getack', correction }])
    expect(anchor.value).toBe(1000 + correction)
  })

  it('is not doubted for a tool that never answers GETACK, where no byte was lost', () => {
    const anchor = told(1000)
    anchor.getack(100)
    expect(anchor.acked(1137, 137, 137, false)).toBeUndefined()
  })

  it('is not doubted for an answer that was lost', () => {
    const anchor = told(1000)
    anchor.getack(100)
    anchor.lostAcks()
    expect(anchor.acked(1137, 137, 137, true)).toBeUndefined()
  })
})

describe('an anchor that was not told', () => {
  it('is estimated from the first ACK, and settled when the next says the same', () => {
    const anchor = new Anchor()
    expect(anchor.acked(500, 100, 120, true)).toEqual({ kind: 'moved', by: 'ack', correction: 0 })
    expect([anchor.value, anchor.isSure]).toEqual([400, false])
    expect(anchor.acked(600, 200, 220, true)).toEqual({ kind: 'settled', by: 'ack', correction: 0 })
    expect([anchor.value, anchor.isSure]).toEqual([400, true])
  })

  it('rises with a replica that catches up', () => {
    const anchor = new Anchor()
    anchor.acked(500, 100, 100, true)
    expect(anchor.acked(620, 200, 200, true)).toEqual({ kind: 'moved', by: 'ack', correction: 20 })
    expect(anchor.acked(640, 230, 230, true)).toBeUndefined()
    expect(anchor.value).toBe(420)
  })

  it('is told by the answer to a GETACK, and settled when the next ACK agrees', () => {
    const anchor = new Anchor()
    anchor.getack(70)
    expect(anchor.acked(500, 107, 107, true)).toEqual({ kind: 'moved', by: 'getack', correction: 0 })
    expect([anchor.value, anchor.isSure]).toEqual([430, false])
    expect(anchor.acked(537, 167, 167, true)).toEqual({ kind: 'settled', by: 'getack', correction: 0 })
    expect([anchor.value, anchor.isSure]).toEqual([430, true])
  })

  it('is not misled by an ACK that crosses a GETACK: the next one is the answer', () => {
    const anchor = new Anchor()
    anchor.getack(8_000_382)
    anchor.acked(258, 8_000_419, 8_000_419, true)
    const settled = { kind: 'settled', by: 'getack', correction: 8_000_152 }
    expect(anchor.acked(8_000_410, 8_000_419, 8_000_419, true)).toEqual(settled)
    expect(anchor.value).toBe(28)
  })

  it('is not misled where it was known better than the crossing ACK says', () => {
    const anchor = new Anchor()
    anchor.acked(28, 14, 14, true)
    anchor.getack(8_000_382)
    expect(anchor.acked(258, 8_000_419, 8_000_419, true)).toBeUndefined()
    expect(anchor.acked(8_000_410, 8_000_419, 8_000_419, true)).toEqual({
      kind: 'moved',
      by: 'getack',
      correction: 14,
    })
    expect(anchor.value).toBe(28)
  })

  it('is never too high, wherever the replica is, and right when it has caught up twice', () => {
    const lags = fc.array(fc.nat(500), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(lags, fc.integer({ min: 0, max: 1e12 }), (behind, truth) => {
        const anchor = new Anchor()
        let passed = 1000
        for (const lag of behind) {
          passed += 600
          anchor.acked(truth + passed - lag, passed, passed, true)
          expect(anchor.value).toBeLessThanOrEqual(truth)
        }
        for (let i = 0; i < 3; i++) anchor.acked(truth + passed, passed, passed, true)
        expect(anchor.value).toBe(truth)
        expect(anchor.isSure).toBe(true)
      }),
    )
  })
})
