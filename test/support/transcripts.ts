/** The recorded sessions of fixtures/transcripts, fed through a LinkBook as a proxy would feed them. */
import { readdirSync, readFileSync } from 'node:fs'
import type { Listener } from '../../src/replication/captured-connections.ts'
import type { ReplEvent, Side } from '../../src/replication/events.ts'
import { LinkBook, type LinkBookOptions } from '../../src/replication/link-book.ts'

const FOLDER = new URL('../../fixtures/transcripts/', import.meta.url)

type Step = { t: number; conn: number; dir: string; hex?: string; event?: string }

export type Transcript = {
  name: string
  final_master_info: Record<string, string>
  final_replica_info: Record<string, string>
  events: Step[]
}

export function transcripts(): Transcript[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.json'))
    .map((file) => JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as Transcript)
}

/** Cuts each recorded chunk anew. */
export type Recut = (chunk: Buffer) => Buffer[]

/**
 * All events of a transcript, in a form that may be kept and compared.
 * @param around puts somebody between the bytes and the conversation of each connection
 */
export function eventsOf(
  transcript: Transcript,
  recut: Recut = (chunk) => [chunk],
  options: Partial<LinkBookOptions> = {},
  around: (conversation: Listener) => Listener = (conversation) => conversation,
): ReplEvent[] {
  const events: ReplEvent[] = []
  const emit = (event: ReplEvent) => {
    options.emit?.(event)
    events.push(kept(event))
  }
  const book = new LinkBook({ ...options, emit })
  const open = new Map<number, Listener>()
  for (const step of transcript.events) {
    const at = Math.round(step.t * 1e6)
    book.tick(at)
    const conversation =
      open.get(step.conn) ?? around(book.open(`127.0.0.1:${50_000 + step.conn}`, '127.0.0.1:6379', at))
    open.set(step.conn, conversation)
    if (step.hex === undefined) {
      if (step.event?.startsWith('eof')) {
        conversation.end(step.event.includes('replica') ? 'replica' : 'master', 'fin', at)
      }
      continue
    }
    const side: Side = step.dir === 'replica->master' ? 'replica' : 'master'
    for (const part of recut(Buffer.from(step.hex, 'hex'))) {
      const borrowed = Buffer.from(part)
      conversation.push(side, borrowed, at)
      borrowed.fill(0xdb)
    }
  }
  book.tick(Number.MAX_SAFE_INTEGER)
  return events
}

/** A copy of an event that outlives its borrowed parts. Slices are joined by their length only. */
export function kept(event: ReplEvent): ReplEvent {
  if (event.kind === 'command' || event.kind === 'request') return { ...event, command: event.command.keep() }
  if (event.kind === 'snapshot-slice') return { ...event, slice: Buffer.from(event.slice) }
  return { ...event }
}
