/** The closing tables: aligned, bounded, and the same totals as the JSON summary. Whole ones: transcripts.test.ts. */
import { describe, expect, it } from 'vitest'
import type { ReplEvent } from '../../src/replication/events.ts'
import { palette } from '../../src/sink/palette.ts'
import { summaryTables, table } from '../../src/sink/tables.ts'
import { Totals } from '../../src/sink/totals.ts'
import { command, sample } from '../support/sample-events.ts'

const plain = palette(false)
const tablesOf = (...events: ReplEvent[]) => {
  const totals = new Totals()
  for (const event of events) totals.event(event)
  return summaryTables(totals, plain)
}

describe('a table', () => {
  it('aligns its columns and ends its lines where the text ends', () => {
    const rows = [
      ['a', '1'],
      ['long', '1,000'],
    ]
    expect(table(['name', 'count'], rows, ['left', 'right'], plain)).toMatchInlineSnapshot(`
      " name   count
       a          1
       long   1,000"
    `)
  })

  it('aligns by what is seen, not by what colours add', () => {
    const rows = [[palette(true).bad('x'), '1']]
    const coloured = table(['name', 'count'], rows, ['left', 'right'], palette(true))
    const bare = coloured.replace(/\x1b\[[0-9;]*m/g, '').replace(/ +$/gm, '')
    expect(bare).toBe(table(['name', 'count'], [['x', '1']], ['left', 'right'], plain))
  })
})

describe('the closing tables', () => {
  it('of nothing say that nothing happened', () => {
    expect(tablesOf()).toBe(' faults    none   gaps none   forwarded 0 B')
  })

  it('show twenty rows and count the others', () => {
    const commands = Array.from({ length: 50 }, (_, i): ReplEvent => {
      return { ...sample('command'), command: command(`NAME${i}`) }
    })
    const links = Array.from({ length: 30 }, (_, i): ReplEvent[] => [
      { ...sample('opened'), link: i, conn: i },
      { ...sample('resync'), link: i, conn: i },
    ]).flat()
    const text = tablesOf(...commands, ...links)
    expect(text).toContain('… and 30 more command names')
    expect(text).toContain('… and 10 more links')
    expect(text.split('\n').length).toBeLessThan(100)
  })

  // "1 more sync" becomes "10 more syncs", by adding an s: so `entry` would not do, and `sync` does.
  it('name command names that are no words as redis-cli would', () => {
    expect(tablesOf({ ...sample('command'), command: command('"\\x1b[2J" x') })).toContain('"\\x1b[2J"')
  })

  it('tell faults and gaps', () => {
    const text = tablesOf(sample('fault'), sample('gap'), sample('overflow'))
    expect(text).toContain('RESP_BAD_TYPE at link #1, master byte 77: "x" begins no RESP value')
    expect(text).toContain('gaps 1 (1.5 kB)')
    expect(text).toContain('not printed 12 lines')
  })

  it('count ordinary clients apart from replicas', () => {
    const text = tablesOf(
      { ...sample('opened'), link: 1, role: 'replica' },
      { ...sample('opened'), link: 2, conn: 2, role: 'client' },
      { ...sample('request'), link: 2, conn: 2, command: command('GET k') },
    )
    expect(text).toContain('1 ordinary client, 1 request')
    expect(text).not.toContain('#2')
  })
})
