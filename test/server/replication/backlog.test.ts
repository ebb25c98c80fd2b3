import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ByteString } from '../../../src/bytes/byte-string.ts'
import { Backlog, type Cursor } from '../../../src/server/replication/backlog.ts'

const KB = 1024

function text(length: number): ByteString {
  return 'x'.repeat(length) as ByteString
}

function readAll(backlog: Backlog, cursor: Cursor): string {
  let all = ''
  for (let slice = backlog.read(cursor); slice !== undefined; slice = backlog.read(cursor)) {
    all += slice.toString('latin1')
  }
  return all
}

describe('a backlog', () => {
  it('is nothing until it is opened, and begins behind the offset', () => {
    const backlog = new Backlog(16 * KB)
    expect(backlog.window).toBeUndefined()
    backlog.open(77)
    expect(backlog.window).toEqual({ first: 78, length: 0 })
  })

  it('is trimmed by blocks, and keeps at least its size', () => {
    const backlog = new Backlog(16 * KB)
    backlog.open(0)
    for (let i = 0; i < 100; i++) backlog.append(text(1000))
    const { first, length } = backlog.window!
    expect(first + length).toBe(100_001)
    expect(length).toBeGreaterThanOrEqual(16 * KB)
    expect(length).toBeLessThan(64 * KB)
  })

  it('keeps what a slow reader still needs, and lets it go when that has been read', () => {
    const backlog = new Backlog(16 * KB)
    backlog.open(0)
    const slow = backlog.cursor(1)
    for (let i = 0; i < 300; i++) backlog.append(text(1000))
    expect(backlog.window).toEqual({ first: 1, length: 300_000 })
    expect(backlog.behind(slow)).toBe(300_000)
    expect(readAll(backlog, slow).length).toBe(300_000)
    backlog.tidy()
    expect(backlog.window!.length).toBeLessThan(64 * KB)
  })

  it('gives every reader the bytes from its place on, whatever the pieces were', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(70_000), fc.boolean(), fc.boolean()), { maxLength: 40 }),
        fc.integer({ min: 1, max: 400_000 }),
        (pieces, size) => {
          const backlog = new Backlog(size)
          backlog.open(5)
          const reader = backlog.cursor(6)
          let written = ''
          let read = ''
          pieces.forEach(([length, isBuffer, reads], i) => {
            const piece = String.fromCharCode(97 + (i % 26)).repeat(length) as ByteString
            backlog.append(isBuffer ? Buffer.from(piece, 'latin1') : piece)
            written += piece
            if (reads) read += readAll(backlog, reader)
          })
          const { first, length } = backlog.window!
          expect(first + length).toBe(6 + written.length)
          expect(readAll(backlog, backlog.cursor(first))).toBe(written.slice(first - 6))
          expect(read + readAll(backlog, reader)).toBe(written)
        },
      ),
      { numRuns: 60 },
    )
  })
})
