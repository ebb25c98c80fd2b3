/** The closing summary as one JSON object: the same totals as the tables. */

import { type ByteString, toJson } from '../bytes/byte-string.ts'
import type { Histogram } from '../bytes/histogram.ts'
import { SCHEMA } from './json-event.ts'
import type { LinkTotals, SyncTotals, Totals } from './totals.ts'
import { isoTime } from './units.ts'

export function summaryJson(totals: Totals): Record<string, unknown> {
  const links = [...totals.links.values()]
  return {
    v: SCHEMA,
    kind: 'summary',
    links: links.map(linkJson),
    syncs: links.flatMap((link) => link.syncs.map(syncJson)),
    commands: [...totals.commands]
      .map(([name, { count, bytes }]) => ({ name: toJson(name as ByteString), count, bytes }))
      .sort((a, b) => b.bytes - a.bytes),
    pings: totals.pings,
    acks: { count: totals.acks, lagMs: quantilesJson(totals.lags) },
    heartbeats: totals.heartbeats,
    faults: { count: totals.faultCount, list: totals.faults },
    gaps: { count: totals.gapCount, bytes: totals.gapBytes },
    ...(totals.strangers.length === 0 ? {} : { leftOut: totals.strangers }),
    dropped: totals.dropped,
    forwarded: totals.forwarded,
  }
}

function linkJson(link: LinkTotals): Record<string, unknown> {
  return {
    link: link.link,
    role: link.role,
    replica: link.replica,
    master: link.master,
    state: link.state,
    connections: link.connections,
    requests: link.requests,
    full: link.full,
    partial: link.partial,
    offset: link.offset ?? null,
    acked: link.acked ?? null,
    lagBytes: link.lagBytes ?? null,
    lagMs: millis(link.lag),
  }
}

function syncJson(sync: SyncTotals): Record<string, unknown> {
  return {
    link: sync.link,
    number: sync.number,
    at: isoTime(sync.at),
    mode: sync.mode,
    why: sync.why,
    outcome: sync.outcome,
    replid: sync.replid === undefined ? null : toJson(sync.replid),
    offset: sync.offset ?? null,
    waitMs: millis(sync.wait),
    keepAlives: sync.keepAlives,
    bytes: sync.bytes ?? null,
    ms: millis(sync.duration),
    keys: sync.keys ?? null,
    rdbVersion: sync.rdbVersion ?? null,
    writer: sync.writer ?? null,
    checksum: sync.checksum ?? null,
    types: [...sync.types].flatMap(([type, encodings]) =>
      [...encodings].map(([encoding, totals]) => ({ type, encoding, ...totals })),
    ),
  }
}

function quantilesJson(lags: Histogram): Record<string, number | null> {
  return {
    median: millis(lags.quantile(0.5)),
    p99: millis(lags.quantile(0.99)),
    max: lags.samples === 0 ? null : millis(lags.max),
  }
}

function millis(micros: number | undefined): number | null {
  return micros === undefined ? null : Math.round(micros) / 1000
}
