/**
 * A capture that begins in the middle of a session shows what remains as the whole session shows it: the same
 * commands with the same offsets, and nothing that was never said.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Conversation } from '../../src/replication/conversation.ts'
import type { ReplEvent, Side } from '../../src/replication/events.ts'
import { LinkBook } from '../../src/replication/link-book.ts'
import { eventsOf, kept, type Transcript, transcripts } from '../support/transcripts.ts'

/** The session as a capture sees it that begins behind step `first`, and loses `cut` bytes of its first packet. */
function fromMiddle(transcript: Transcript, first: number, cut: number): ReplEvent[] {
  const events: ReplEvent[] = []
  const book = new LinkBook({ emit: (event) => events.push(kept(event)) })
  const open = new Map<number, Conversation>()
  transcript.events.forEach((step, index) => {
    if (index < first) return
    const at = Math.round(step.t * 1e6)
    book.tick(at)
    const begin = transcript.events.findIndex((e) => e.conn === step.conn) < first ? 'middle' : 'handshake'
    const conversation =
      open.get(step.conn) ?? book.open(`127.0.0.1:${50_000 + step.conn}`, '127.0.0.1:6379', at, begin)
    open.set(step.conn, conversation)
    if (step.hex === undefined) {
      if (step.event?.startsWith('eof')) {
        conversation.end(step.event.includes('replica') ? 'replica' : 'master', 'fin', at)
      }
      return
    }
    const side: Side = step.dir === 'replica->master' ? 'replica' : 'master'
    const bytes = Buffer.from(step.hex, 'hex').subarray(index === first ? cut : 0)
    if (bytes.length > 0) conversation.push(side, bytes, at)
  })
  for (const conversation of open.values()) conversation.end('replica', 'end-of-input', 1e9)
  book.tick(Number.MAX_SAFE_INTEGER)
  return events
}

/** `start..end name key` of each command, PING and GETACK. */
function told(events: readonly ReplEvent[]): string[] {
  return events.flatMap((e) => {
    if (e.kind === 'ping' || e.kind === 'getack') return [`${e.start}..${e.end} ${e.kind}`]
    return e.kind === 'command' ? [`${e.start}..${e.end} ${e.command.argv().slice(0, 2).join(' ')}`] : []
  })
}

const faults = (events: readonly ReplEvent[]) => events.filter((e) => e.kind === 'fault')

describe.each(transcripts().map((t) => [t.name, t] as const))('%s', (_, transcript) => {
  const whole = told(eventsOf(transcript))

  it('cut off anywhere: what remains has the same offsets', () => {
    for (let first = 0; first < transcript.events.length; first++) {
      const events = fromMiddle(transcript, first, 0)
      const seen = told(events)
      const acks = transcript.events.slice(first).filter((e) => e.hex?.includes('41434b')).length
      expect(faults(events), `behind step ${first}`).toEqual([])
      if (acks >= 2) expect(whole, `behind step ${first}`).toEqual(expect.arrayContaining(seen))
      if (acks >= 2 && first > 30) expect(seen).toEqual(whole.slice(whole.length - seen.length))
    }
  })

  it('cut off within a packet: at most the command it was cut in is missing', () => {
    const steps = transcript.events.flatMap((e, index) => (e.hex === undefined ? [] : [{ ...e, index }]))
    fc.assert(
      fc.property(fc.nat(steps.length - 8), fc.nat(600), (nth, cut) => {
        const step = steps[nth]!
        const events = fromMiddle(transcript, step.index, Math.min(cut, step.hex!.length / 2))
        expect(faults(events)).toEqual([])
        const seen = told(events).filter((line) => !line.startsWith('undefined'))
        expect(whole).toEqual(expect.arrayContaining(seen))
      }),
      { numRuns: 60 },
    )
  })
})
