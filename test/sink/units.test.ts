/** Numbers with their units: what stands there is what was meant, at every border between two units. */
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { bytes, clockTime, count, counted, duration, isoTime, rate, share } from '../../src/sink/units.ts'

describe('units', () => {
  it('group digits by three', () => {
    expect([0, 999, 1000, 1_500_000, -1234].map(count)).toEqual(['0', '999', '1,000', '1,500,000', '-1,234'])
    expect(counted(1, 'key')).toBe('1 key')
    expect(counted(0, 'key')).toBe('0 keys')
    expect(counted(2, 'entry', 'entries')).toBe('2 entries')
  })

  it('choose the unit of bytes so that a number from 1.0 to 999.9 stands before it', () => {
    expect([0, 999, 1000, 999_949, 999_950, 229_600_000, 1e15].map(bytes)).toEqual([
      '0 B',
      '999 B',
      '1.0 kB',
      '999.9 kB',
      '1.0 MB',
      '229.6 MB',
      '1.0 PB',
    ])
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 52 }), (value) => {
        const [number, unit] = bytes(value).split(' ') as [string, string]
        expect(Number(number)).toBeGreaterThanOrEqual(1)
        if (unit !== 'PB') expect(Number(number)).toBeLessThan(1000)
        const scale = 1000 ** ['B', 'kB', 'MB', 'GB', 'TB', 'PB'].indexOf(unit)
        expect(Math.abs(Number(number) * scale - value)).toBeLessThanOrEqual(0.0501 * scale)
      }),
    )
  })

  it('choose the unit of time', () => {
    const times = [0, 400, 999_949, 999_950, 4_300_000, 99_949_000, 99_950_000, 125e6, 3599.6e6, 3.72e9, 9e12]
    expect(times.map(duration)).toEqual([
      '0.0 ms',
      '0.4 ms',
      '999.9 ms',
      '1.0 s',
      '4.3 s',
      '99.9 s',
      '1 min 40 s',
      '2 min 05 s',
      '1 h 00 min',
      '1 h 02 min',
      '2,500 h 00 min',
    ])
  })

  it('say nothing where there is nothing to divide by', () => {
    expect(rate(2_000_000, 1_000_000)).toBe('2.0 MB/s')
    expect(rate(5, 0)).toBe('–')
    expect(share(1, 8)).toBe('12.5 %')
    expect(share(0, 0)).toBe('–')
  })

  it('write any time as ISO 8601 with microseconds, and one that is later as later', () => {
    const micros = fc.integer({ min: 0, max: 9_000_000_000_000_000 })
    fc.assert(
      fc.property(micros, micros, (a, b) => {
        expect(isoTime(a)).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)
        if (a < b) expect(isoTime(a) < isoTime(b)).toBe(true)
        expect(Date.parse(isoTime(a))).toBe(Math.floor(a / 1000))
      }),
    )
    expect(isoTime(Number.MAX_VALUE)).toBe('9999-12-31T23:59:59.999000Z')
  })
})

describe('the time of day', () => {
  const before = process.env.TZ
  afterAll(() => {
    if (before === undefined) delete process.env.TZ
    else process.env.TZ = before
  })

  it('is that of the user', () => {
    process.env.TZ = 'Asia/Kolkata'
    expect(clockTime(1_795_232_264_971_999)).toBe('09:07:44.971')
    process.env.TZ = 'UTC'
    expect(clockTime(1_795_232_264_971_999)).toBe('03:37:44.971')
  })
})
