/** The closing summary as tables. The only home of cli-table3. */
import Table from 'cli-table3'
import { readable } from '../bytes/byte-string.ts'
import type { Palette } from './palette.ts'
import type { LinkTotals, StrangerTotals, SyncTotals, Totals } from './totals.ts'
import { bytes, count, counted, duration, share } from './units.ts'

/** Rows of a table that are shown; the others are counted. */
const ROWS_MAX = 20

export type Cell = string
export type Align = 'left' | 'right'

/** Rows under a heading, without lines, first column the heading's name. Aligned, one blank line after it. */
export function table(
  head: readonly Cell[],
  rows: readonly (readonly Cell[])[],
  aligns: readonly Align[],
  paint: Palette,
): string {
  const drawn = new Table({
    head: head.map((cell) => paint.heading(cell)),
    colAligns: [...aligns],
    style: { head: [], border: [], compact: true, 'padding-left': 1, 'padding-right': 2 },
    chars: EMPTY_FRAME,
  })
  for (const row of rows) drawn.push([...row])
  return drawn
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}

const EMPTY_FRAME = Object.fromEntries(
  ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right']
    .concat(['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'])
    .map((place) => [place, '']),
)

/**
 * All closing tables, ready to print.
 * @param carried what became of the bytes: `forwarded`, `captured`
 */
export function summaryTables(totals: Totals, paint: Palette, carried = 'forwarded'): string {
  const links = [...totals.links.values()]
  const isClient = (link: LinkTotals) => link.role === 'client' || link.role === 'unknown'
  const replicas = links.filter((link) => !isClient(link))
  const clients = links.filter(isClient)
  const syncs = links.flatMap((link) => link.syncs)
  const since = Math.min(...links.map((link) => link.since))
  const parts = [
    replicas.length > 0 ? linksTable(replicas, paint) : '',
    syncs.length > 0 ? syncsTable(syncs, since, paint) : '',
    ...syncs
      .filter((sync) => sync.types.size > 0)
      .slice(-1)
      .map((sync) => snapshotTable(sync, paint)),
    totals.commands.size > 0 ? commandsTable(totals, paint) : '',
    closingLines(totals, clients, paint, carried),
  ]
  return parts.filter((part) => part !== '').join('\n\n')
}

function linksTable(links: readonly LinkTotals[], paint: Palette): string {
  // With one master for all, which is the rule, its column says nothing and costs the room of an
  // 80-column screen.
  const masters = new Set(links.map((link) => link.master))
  const master = (link: LinkTotals) => (masters.size > 1 ? [link.master] : [])
  const rows = links
    .slice(0, ROWS_MAX)
    .map((link) => [
      `#${link.link}`,
      link.replica,
      ...master(link),
      link.role === 'snapshot-channel' ? 'snapshot channel' : link.state,
      syncedBy(link),
      link.offset === undefined ? '–' : count(link.offset),
      lagText(link),
    ])
  const masterHead = masters.size > 1 ? ['master'] : []
  const head = ['links', 'replica', ...masterHead, 'state', 'synced by', 'offset', 'lag']
  const aligns = head.map((name): Align => (name === 'offset' ? 'right' : 'left'))
  return table(head, rows, aligns, paint) + more(links.length, 'link')
}

function syncedBy(link: LinkTotals): string {
  const parts = [
    ...(link.full > 0 ? [`${link.full} full`] : []),
    ...(link.partial > 0 ? [`${link.partial} partial`] : []),
  ]
  return parts.length > 0 ? parts.join(', ') : '–'
}

function lagText(link: LinkTotals): string {
  if (link.lagBytes === undefined) return '–'
  return `${bytes(link.lagBytes)}${link.lag === undefined ? '' : `, ${duration(link.lag)}`}`
}

function syncsTable(syncs: readonly SyncTotals[], since: number, paint: Palette): string {
  const ordered = [...syncs].sort((a, b) => a.at - b.at)
  const rows = ordered
    .slice(0, ROWS_MAX)
    .map((sync) => [
      `#${sync.link}.${sync.number}`,
      `+${duration(sync.at - since)}`,
      sync.mode,
      sync.why,
      sync.wait === undefined ? '–' : duration(sync.wait),
      transfer(sync),
      sync.keys === undefined ? '–' : count(sync.keys),
    ])
  const head = ['syncs', 'when', 'kind', 'why', 'wait', 'transfer', 'keys']
  return (
    table(head, rows, ['left', 'right', 'left', 'left', 'right', 'left', 'right'], paint) +
    more(syncs.length, 'sync')
  )
}

function transfer(sync: SyncTotals): string {
  if (sync.mode === 'partial') return '–'
  if (sync.bytes === undefined || sync.duration === undefined) return sync.outcome
  return `${bytes(sync.bytes)} in ${duration(sync.duration)}`
}

/** What the snapshot of a sync holds, by type and encoding, largest first. */
function snapshotTable(sync: SyncTotals, paint: Palette): string {
  const entries = [...sync.types].flatMap(([type, encodings]) =>
    [...encodings].map(([encoding, totals]) => ({ type, encoding, ...totals })),
  )
  const whole = entries.reduce((sum, entry) => sum + entry.bytes, 0)
  const rows = entries
    .sort((a, b) => b.bytes - a.bytes)
    .slice(0, ROWS_MAX)
    .map((entry, index) => [
      index === 0 ? `#${sync.link}.${sync.number}` : '',
      entry.type,
      entry.encoding,
      count(entry.keys),
      entry.type === 'string' ? '–' : count(entry.items),
      bytes(entry.bytes),
      share(entry.bytes, whole),
      count(entry.expiring),
    ])
  const head = ['snapshot', 'type', 'encoding', 'keys', 'elements', 'bytes', 'share', 'with expiry']
  const aligns: Align[] = ['left', 'left', 'left', 'right', 'right', 'right', 'right', 'right']
  return table(head, rows, aligns, paint) + more(entries.length, 'encoding')
}

function commandsTable(totals: Totals, paint: Palette): string {
  const entries = [...totals.commands].sort((a, b) => b[1].bytes - a[1].bytes)
  const whole = entries.reduce((sum, [, entry]) => sum + entry.bytes, 0)
  const rows = entries
    .slice(0, ROWS_MAX)
    .map(([name, entry]) => [
      '',
      readable(name),
      count(entry.count),
      bytes(entry.bytes),
      share(entry.bytes, whole),
    ])
  const head = ['commands', 'name', 'count', 'bytes', 'share']
  const aligns: Align[] = ['left', 'left', 'right', 'right', 'right']
  return table(head, rows, aligns, paint) + more(entries.length, 'command name')
}

function closingLines(
  totals: Totals,
  clients: readonly LinkTotals[],
  paint: Palette,
  carried: string,
): string {
  const { lags } = totals
  const lines: [string, string][] = []
  if (lags.samples > 0) {
    const at = (fraction: number) => duration(lags.quantile(fraction) ?? 0)
    const figures = `median ${at(0.5)}   p99 ${at(0.99)}   max ${duration(lags.max)}`
    lines.push(['ACK lag', `${figures}   (${counted(totals.acks, 'ACK')})`])
  }
  if (clients.length > 0) {
    const requests = clients.reduce((sum, client) => sum + client.requests, totals.forgottenRequests)
    const number = clients.length + totals.forgottenClients
    lines.push(['clients', `${counted(number, 'ordinary client')}, ${counted(requests, 'request')}`])
  }
  const others = strangersText(totals.strangers)
  if (others !== '') lines.push(['left out', others])
  for (const fault of totals.faults.slice(0, ROWS_MAX)) {
    const where = `link #${fault.link}, ${fault.side} byte ${count(fault.position)}`
    lines.push([
      'fault',
      paint.bad(`${fault.code} at ${where}: ${fault.detail.replace(/[^\x20-\x7e]/g, '?')}`),
    ])
  }
  const faults = totals.faultCount === 0 ? 'none' : paint.bad(count(totals.faultCount))
  const gaps = totals.gapCount === 0 ? 'none' : `${count(totals.gapCount)} (${bytes(totals.gapBytes)})`
  const dropped = totals.dropped === 0 ? '' : `   not printed ${counted(totals.dropped, 'line')}`
  lines.push(['faults', `${faults}   gaps ${gaps}   ${carried} ${bytes(totals.forwarded)}${dropped}`])
  return lines.map(([name, text]) => ` ${paint.heading(name.padEnd(9))} ${text}`).join('\n')
}

const ADDRESSES_SHOWN = 3

/** Connections that are no Redis: `8 HTTP (10.0.0.9:80), 3 SSH (10.0.0.2:22)`. */
export function strangersText(strangers: readonly StrangerTotals[]): string {
  const protocols = [...new Set(strangers.map(({ protocol }) => protocol))]
  return protocols
    .map((protocol) => {
      const own = strangers.filter((stranger) => stranger.protocol === protocol)
      const connections = own.reduce((sum, stranger) => sum + stranger.connections, 0)
      const addresses = own.slice(0, ADDRESSES_SHOWN).map(({ address }) => address)
      const rest = own.length > ADDRESSES_SHOWN ? ', …' : ''
      return `${count(connections)} ${STRANGER_NAMES[protocol] ?? protocol} (to ${addresses.join(', ')}${rest})`
    })
    .join(', ')
}

const STRANGER_NAMES: Readonly<Record<string, string>> = {
  other: 'that speak no Redis',
  silent: 'that say nothing',
}

function more(length: number, noun: string): string {
  return length > ROWS_MAX ? `\n           … and ${counted(length - ROWS_MAX, `more ${noun}`)}` : ''
}
