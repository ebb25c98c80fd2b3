/**
 * Recorded sessions: what a recording proxy noted between two real servers, chunk by chunk
 * (fixtures/transcripts).
 *
 *   {"name": …, "server": …, "events": [{"t": 0.007, "conn": 1, "dir": "replica->master", "hex": "2a31…"},
 * …]}
 */
import { readFileSync } from 'node:fs'
import type { Side } from '../replication/events.ts'

export type TranscriptStep = {
  /** Seconds since the recording began. */
  readonly time: number
  /** Connections are numbered from 1 in the order they were opened. */
  readonly conn: number
  readonly side: Side
  /** Bytes that `side` sent; empty where it closed the connection. */
  readonly bytes: Buffer
}

export type Transcript = { readonly server: string; readonly steps: readonly TranscriptStep[] }

type Recorded = { t: number; conn: number; dir: string; hex?: string; event?: string }

/** @throws Error where the file is not there or is no transcript */
export function readTranscript(file: URL): Transcript {
  const { server, events } = JSON.parse(readFileSync(file, 'utf8')) as { server: string; events: Recorded[] }
  return { server, steps: events.flatMap(step) }
}

function step({ t, conn, dir, hex, event }: Recorded): TranscriptStep[] {
  if (hex !== undefined) {
    const side = dir === 'replica->master' ? 'replica' : 'master'
    return [{ time: t, conn, side, bytes: Buffer.from(hex, 'hex') }]
  }
  const closer = /^eof from (replica|master)$/.exec(event ?? '')?.[1] as Side | undefined
  return closer === undefined ? [] : [{ time: t, conn, side: closer, bytes: Buffer.alloc(0) }]
}
