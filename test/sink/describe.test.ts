/** An event as one plain line: readable, short, and harmless whatever bytes are in it. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ByteString } from '../../src/bytes/byte-string.ts'
import { KeptCommand } from '../../src/codec/resp/command.ts'
import type { RespValue } from '../../src/codec/resp/values.ts'
import type { ReplEvent } from '../../src/replication/events.ts'
import { bytesText, commandText, shortId, describe as textOf, valueText } from '../../src/sink/describe.ts'
import { parseFilter } from '../../src/sink/filter.ts'
import { Selection } from '../../src/sink/kinds.ts'
import { palette } from '../../src/sink/palette.ts'
import { summaryTables } from '../../src/sink/tables.ts'
import { TextView } from '../../src/sink/text-view.ts'
import { Totals } from '../../src/sink/totals.ts'
import { command, hostileEvents, ID, sample, samples } from '../support/sample-events.ts'

/** What we print ourselves besides ASCII. */
const OURS = '…–→←×·'
const PLAIN = new RegExp(`^[\\x20-\\x7e${OURS}]*$`)

describe('an event as text', () => {
  it('is one line for each kind', () => {
    expect(samples.map(textOf)).toMatchInlineSnapshot(`
      [
        "replica 10.0.0.1:50000",
        "PSYNC ? -1",
        "PONG",
        "stripped by us: eof; the master gets REPLCONF capa psync2",
        "FULLRESYNC a3401045…e0d5 100",
        "RDB, 1.5 kB (1,500 B)",
        "1 command name counted",
        "live: the replica has applied the 1.5 kB of its local buffer in 20.0 ms",
        "stream goes on from offset 100, as an ACK tells; 3 commands held back until now",
        "RDB bytes 0..14",
        "aux redis-ver = 7.0.15",
        "db0 hash user:1  listpack, 3 items, 41 B",
        "RDB complete: 3 keys, 1.5 kB in 20.0 ms, version 10, checksum good",
        "db0 SET k v",
        "PING",
        "REPLCONF GETACK *",
        "ACK 127",
        "newline",
        "gap: 1,460 bytes missing from the capture",
        "fault: "x" begins no RESP value at master byte 77 (RESP_BAD_TYPE)",
        "overflow: 12 lines not printed, the output is too slow",
        "connection closed by the replica side",
      ]
    `)
  })

  it('is one short printable line, whatever the wire put into it', () => {
    fc.assert(
      fc.property(hostileEvents, (event) => {
        const text = textOf(event)
        expect(text).toMatch(PLAIN)
        if (event.kind !== 'fault') expect(text.length).toBeLessThan(1000)
      }),
      { numRuns: 2000 },
    )
  })

  it('stays harmless in the view and in the tables', () => {
    fc.assert(
      fc.property(fc.array(hostileEvents, { maxLength: 20 }), (events) => {
        const totals = new Totals()
        const paint = palette(false)
        const lines: string[] = []
        const view = new TextView({
          write: (line) => lines.push(line),
          selection: new Selection(undefined, []),
          filter: parseFilter(''),
          palette: paint,
          totals,
        })
        for (const event of [sample('opened') as ReplEvent, ...events, sample('closed') as ReplEvent]) {
          totals.event(event)
          view.event(event)
        }
        for (const line of lines) expect(line).toMatch(PLAIN)
        for (const line of summaryTables(totals, paint).split('\n')) expect(line).toMatch(PLAIN)
      }),
      { numRuns: 300 },
    )
  })

  it('tells what was going on when a connection ended', () => {
    expect(textOf({ ...sample('closed'), during: 'snapshot', how: 'reset', side: 'master' })).toBe(
      'connection reset by the master side in the middle of the snapshot',
    )
    expect(textOf({ ...sample('closed'), how: 'end-of-input' })).toBe('watching ends here')
  })
})

describe('a command as text', () => {
  it('is what a person would type', () => {
    expect(commandText(command('SET foo "a b"'))).toBe('SET foo "a b"')
    expect(commandText(command('SET "" "\\x00\\xff\\r\\n\\"\\\\"'))).toBe('SET "" "\\x00\\xff\\r\\n\\"\\\\"')
  })

  it('is cut where it is long, and says how much is missing', () => {
    const argv = ['DEL', ...Array.from({ length: 999 }, (_, i) => `key:${i}`)] as ByteString[]
    const text = commandText(new KeptCommand(argv))
    expect(text.length).toBeLessThan(300)
    const shown = text.split(' … ')[0]!.split(' ').length
    expect(text).toContain(`… (+${1000 - shown} arguments)`)
    expect(commandText(new KeptCommand(['DEL', 'a'] as ByteString[], 1_000_002))).toBe(
      'DEL a … (+1,000,000 arguments)',
    )
    expect(commandText(new KeptCommand(['DEL', 'a'] as ByteString[], 3))).toBe('DEL a … (+1 argument)')
  })

  it('shows the beginning and the length of a long argument, cut between escapes', () => {
    expect(bytesText('x'.repeat(64) as ByteString)).toBe('x'.repeat(64))
    expect(bytesText('x'.repeat(65) as ByteString)).toBe(`"${'x'.repeat(40)}…" (65 B)`)
    expect(bytesText('\x00'.repeat(1000) as ByteString)).toBe(`"${'\\x00'.repeat(10)}…" (1,000 B)`)
    expect(bytesText({ bytes: 5e9, preview: 'ab' as ByteString, sha256: undefined })).toBe(
      '"ab…" (5,000,000,000 B)',
    )
  })
})

describe('a reply as text', () => {
  it.each<[RespValue, string]>([
    [{ type: 'integer', value: -42 }, '(integer) -42'],
    [{ type: 'null' }, '(nil)'],
    [{ type: 'boolean', value: true }, '(true)'],
    [{ type: 'double', value: 1.5 }, '(double) 1.5'],
    [{ type: 'error', value: 'ERR it\nbroke' as ByteString }, '-"ERR it\\nbroke"'],
    [{ type: 'bulk', value: 'a b' as ByteString }, '"a b"'],
    [
      { type: 'array', length: 2, items: [{ type: 'null' }, { type: 'bulk', value: 'x' as ByteString }] },
      '(array of 2) [(nil) x]',
    ],
    [
      { type: 'map', length: 5, items: [{ type: 'bulk', value: 'k' as ByteString }, { type: 'null' }] },
      '(map of 5) [k (nil) …]',
    ],
  ])('%j', (value, text) => {
    expect(valueText(value)).toBe(text)
  })

  it('of any depth and size is short', () => {
    let value: RespValue = { type: 'bulk', value: 'x'.repeat(60) as ByteString }
    for (let depth = 0; depth < 100; depth++) {
      value = { type: 'array', length: 9, items: [value, value] }
      if (depth > 6) value = { type: 'array', length: 1, items: [value] }
      if (depth > 12) break
    }
    expect(valueText(value).length).toBeLessThan(5000)
  })
})

describe('a replication id', () => {
  it('is shortened; what only looks like one is quoted', () => {
    expect(shortId(ID)).toBe('a3401045…e0d5')
    expect(shortId('?')).toBe('?')
    expect(shortId('a b')).toBe('"a b"')
    expect(shortId('')).toBe('""')
  })
})
