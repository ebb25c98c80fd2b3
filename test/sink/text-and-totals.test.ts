/** Sessions that once were told wrongly: transactions that are cut, clients by the thousand, an output too slow. */
import { expect, it } from 'vitest'
import { fromText } from '../../src/bytes/byte-string.ts'
import { encodeCommand } from '../../src/codec/resp/encode.ts'
import { LinkBook } from '../../src/replication/link-book.ts'
import { parseFilter } from '../../src/sink/filter.ts'
import { Selection } from '../../src/sink/kinds.ts'
import { noted } from '../../src/sink/note.ts'
import { palette } from '../../src/sink/palette.ts'
import { summaryJson } from '../../src/sink/summary.ts'
import { summaryTables } from '../../src/sink/tables.ts'
import { TextView } from '../../src/sink/text-view.ts'
import { Totals } from '../../src/sink/totals.ts'

const plain = palette(false)
const encoded = (...commands: string[]) =>
  Buffer.concat(commands.map((text) => encodeCommand(text.split(' ').map(fromText))))

function session(filter = '') {
  const lines: string[] = []
  const totals = new Totals()
  const view = new TextView({
    write: (line) => lines.push(line),
    selection: new Selection(undefined, []),
    filter: parseFilter(filter),
    palette: plain,
    totals,
  })
  const book = new LinkBook({
    emit: (event) => {
      totals.event(event)
      view.event(event)
    },
  })
  const attach = () => {
    const link = book.open('127.0.0.1:5', 'master:1', 0)
    link.push('replica', encoded('REPLCONF listening-port 5', `PSYNC ${'a'.repeat(40)} 101`), 0)
    link.push('master', Buffer.from('+OK\r\n+CONTINUE\r\n'), 0)
    return link
  }
  return { lines, totals, book, attach }
}

it.each([
  ['cmd=multi', ['@101..115  MULTI']],
  ['cmd=set', ['@116..142  SET a 1']],
  ['cmd=multi,set', ['@101..142  MULTI · SET a 1']],
  ['offset=101..110', ['@101..115  MULTI']],
  [
    'offset=110..200',
    ['@101..179  MULTI · SET a 1 · SELECT 1 · EXEC', '@180..228  db1 MULTI · SET b 22222222'],
  ],
])('shows what --filter %s leaves of transactions, with its own offsets', (filter, expected) => {
  const { lines, attach } = session(filter)
  attach().push(
    'master',
    encoded('MULTI', 'SET a 1', 'SELECT 1', 'EXEC', 'MULTI', 'SET b 22222222', 'EXEC'),
    0,
  )
  for (const text of expected) expect(lines.join('\n')).toContain(text)
})

it('shows the beginning of a transaction whose link is lost, before it says so', () => {
  const { lines, attach } = session()
  const link = attach()
  link.push('master', encoded('MULTI', 'SET a 1'), 0)
  link.end('master', 'reset', 0)
  expect(lines.at(-2)).toContain('@101..142  MULTI · SET a 1')
  expect(lines.at(-1)).toContain('connection reset by the master side')
})

it('keeps the totals of a replica however many ordinary clients come and go', () => {
  const { totals, book, attach } = session()
  attach()
  for (let i = 0; i < 10_100; i++) {
    const client = book.open('127.0.0.1:7', 'master:1', 0)
    if (i % 2 === 0) client.push('replica', encoded('GET a'), 0)
    client.end('replica', 'fin', 0)
  }
  expect(totals.links.get(1)).toMatchObject({ role: 'replica', partial: 1 })
  expect(summaryTables(totals, plain)).toContain('10,100 ordinary clients, 5,050 requests')
})

it('counts a connection that says nothing of replication as a client, not as a link', () => {
  const { totals, book } = session()
  book.open('127.0.0.1:7', 'master:1', 0)
  book.tick(1_000_000)
  expect(totals.links.get(1)?.role).toBe('unknown')
  expect(summaryTables(totals, plain)).not.toContain('links')
  expect(summaryTables(totals, plain)).toContain('1 ordinary client, 0 requests')
})

it('an output that is too slow is no link', () => {
  const { totals } = session()
  const nowhere = { link: 0, conn: 0, side: 'master', at: 0, from: 0, to: 0 } as const
  totals.event({ kind: 'overflow', ...nowhere, dropped: 3 })
  expect(totals.links.size).toBe(0)
  expect(summaryJson(totals)).toMatchObject({ dropped: 3, links: [] })
})

it('tells the name of a command as JSON tells bytes, and takes no endless one for a name', () => {
  const { totals, attach } = session()
  attach().push('master', encoded('grüße a', `${'x'.repeat(70)} a`), 0)
  const { commands } = summaryJson(totals) as { commands: { name: unknown }[] }
  expect(commands.map(({ name }) => name)).toEqual(['(others)', 'GRüßE'])
})

it('shortens the id a PSYNC asks for', () => {
  const { lines, attach } = session()
  attach()
  expect(lines.join('\n')).toContain('→ PSYNC aaaaaaaa…aaaa 101')
})

it.each([
  [undefined, `PSYNC${' '.repeat(59)}asks for everything`],
  [105, `PSYNC${' '.repeat(59)}asks for everything`],
  [104, 'PSYNC   asks for everything'],
  [49, 'PSYNC   asks for everything'],
  [48, `PSYNC\n${' '.repeat(22)}asks for everything`],
])('on a terminal of %j columns an explanation does not make a line wrap', (columns, expected) => {
  expect(`PSYNC${noted('PSYNC', 'asks for everything', (text) => text, columns)}`).toBe(expected)
})

it('says of the second connection of a sync neither that it streams nor that it is lost', () => {
  const { lines, book } = session()
  const channel = book.open('127.0.0.1:5', 'master:1', 0)
  channel.push('replica', encoded('REPLCONF rdb-channel 1', 'PSYNC ? -1'), 0)
  channel.push('master', Buffer.from(`+OK\r\n+FULLRESYNC ${'a'.repeat(40)} 5\r\n$3\r\nabc`), 0)
  channel.end('replica', 'fin', 0)
  expect(lines.join('\n')).toContain('RDB complete')
  expect(lines.join('\n')).not.toMatch(/in sync|link lost/)
})

it.each([
  ['key=user:*', ['→ REPLCONF listening-port 5', '← OK', '← CONTINUE'], '→ GET'],
  ['cmd=get', ['← CONTINUE'], '← OK'],
])('--filter %s shows a request and its reply alike', (filter, expected, hidden) => {
  const { lines, attach } = session(filter)
  attach()
  const text = lines.join('\n')
  for (const part of expected) expect(text).toContain(part)
  expect(text).not.toContain(hidden)
})

it('a link whose old connection ends after its new one began is not lost', () => {
  const { totals, attach } = session()
  const old = attach()
  old.ending()
  attach()
  old.end('master', 'reset', 0)
  expect(totals.links.get(1)).toMatchObject({ connections: 2, state: 'streaming' })
})
