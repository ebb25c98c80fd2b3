/** What a person reads of the captures in fixtures/captures: golden files beside those of the transcripts. */
import { readdirSync, readFileSync } from 'node:fs'
import { beforeAll, expect, it } from 'vitest'
import { parseFilter } from '../../src/sink/filter.ts'
import { Selection } from '../../src/sink/kinds.ts'
import { palette } from '../../src/sink/palette.ts'
import { summaryTables } from '../../src/sink/tables.ts'
import { TextView } from '../../src/sink/text-view.ts'
import { Totals } from '../../src/sink/totals.ts'
import { expectGolden } from '../support/golden.ts'
import { decodeFiles } from '../support/live-capture.ts'

const FOLDER = new URL('../../fixtures/captures/', import.meta.url)

/** The text view prints the time of day where the user is. */
beforeAll(() => {
  process.env.TZ = 'UTC'
})

it.each(readdirSync(FOLDER).filter((name) => /\.pcap(ng)?$/.test(name)))('%s reads as it should', (name) => {
  const totals = new Totals()
  const lines: string[] = []
  const paint = palette(false)
  const selection = new Selection(undefined, ['snapshot-key'])
  const write = (line: string) => lines.push(line)
  const view = new TextView({ write, selection, filter: parseFilter(''), palette: paint, totals })
  const emit = (event: Parameters<typeof view.event>[0]) => {
    totals.event(event)
    view.event(event)
  }
  const { complaints, strangers } = decodeFiles([readFileSync(new URL(name, FOLDER))], { emit })
  expect(complaints).toEqual([])
  view.end()
  totals.strangers = strangers
  expectGolden(
    `capture-${name.replace(/\.pcap(ng)?$/, (end) => end.replace('.', '-'))}.txt`,
    `${lines.join('\n')}\n\n${summaryTables(totals, paint, 'captured')}\n`,
  )
})
