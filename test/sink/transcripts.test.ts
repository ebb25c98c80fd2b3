/**
 * What a person and what a program read of the recorded sessions: golden files, in fixtures/golden.
 *
 *   <name>.txt     the text view and the closing tables          <name>.jsonl    the JSON events and their summary
 */
import { beforeAll, describe, expect, it } from 'vitest'
import type { ReplEvent } from '../../src/replication/events.ts'
import { parseFilter } from '../../src/sink/filter.ts'
import { Selection } from '../../src/sink/kinds.ts'
import { NdJson } from '../../src/sink/ndjson.ts'
import { palette } from '../../src/sink/palette.ts'
import { summaryJson } from '../../src/sink/summary.ts'
import { summaryTables } from '../../src/sink/tables.ts'
import { TextView } from '../../src/sink/text-view.ts'
import { Totals } from '../../src/sink/totals.ts'
import { expectGolden } from '../support/golden.ts'
import { eventsOf, transcripts } from '../support/transcripts.ts'

/** The text view prints the time of day where the user is. */
beforeAll(() => {
  process.env.TZ = 'UTC'
})

function asText(events: readonly ReplEvent[], coloured = false): string {
  const totals = new Totals()
  const paint = palette(coloured)
  const lines: string[] = []
  const selection = new Selection(undefined, [])
  const options = { write: (line: string) => lines.push(line), selection, filter: parseFilter('') }
  const view = new TextView({ ...options, palette: paint, totals })
  for (const event of events) {
    totals.event(event)
    view.event(event)
  }
  view.end()
  return `${lines.join('\n')}\n\n${summaryTables(totals, paint)}\n`
}

function asJson(events: readonly ReplEvent[]): string {
  const totals = new Totals()
  const lines: string[] = []
  const json = new NdJson((line) => lines.push(line), new Selection(undefined, []), parseFilter(''))
  for (const event of events) {
    totals.event(event)
    json.event(event)
  }
  return `${lines.join('\n')}\n${JSON.stringify(summaryJson(totals))}\n`
}

describe.each(transcripts().map((t) => [t.name, t] as const))('%s', (name, transcript) => {
  const events = eventsOf(transcript)

  it('reads as it should', () => {
    expectGolden(`${name}.txt`, asText(events))
  })

  it('is JSON as it should be', () => {
    expectGolden(`${name}.jsonl`, asJson(events))
  })

  it('reads the same with colours, which are all that is added', () => {
    const coloured = asText(events, true)
    expect(coloured).toContain('\x1b[')
    // Colours take no room: but a table's trailing blanks end inside them.
    const bare = (text: string) => text.replace(/\x1b\[[0-9;]*m/g, '').replace(/ +$/gm, '')
    expect(bare(coloured)).toBe(bare(asText(events)))
  })

  it('has no line that a terminal would not simply print', () => {
    expect(asText(events)).not.toMatch(/[^\n\x20-\x7e\u00a0-\uffff]/)
    expect(
      asText(events)
        .split('\n')
        .every((line) => line === line.trimEnd()),
    ).toBe(true)
  })
})
