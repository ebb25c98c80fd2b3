/**
 * A capture that lost packets of a session: each lost chunk is a gap and nothing else, no fault, and the commands that
 * remain have the offsets that they have in the whole session, in the same links.
 */
import { describe, expect, it } from 'vitest'
import type { Conversation } from '../../src/replication/conversation.ts'
import type { ReplEvent, Side } from '../../src/replication/events.ts'
import { LinkBook } from '../../src/replication/link-book.ts'
import { mulberry32 } from '../support/every-split.ts'
import { eventsOf, kept, type Transcript, transcripts } from '../support/transcripts.ts'

function without(transcript: Transcript, isLost: (index: number) => boolean): ReplEvent[] {
  const events: ReplEvent[] = []
  const book = new LinkBook({ emit: (event) => events.push(kept(event)) })
  const open = new Map<number, Conversation>()
  transcript.events.forEach((step, index) => {
    const at = Math.round(step.t * 1e6)
    book.tick(at)
    const address = `127.0.0.1:${50_000 + step.conn}`
    const conversation = open.get(step.conn) ?? book.open(address, '127.0.0.1:6379', at)
    open.set(step.conn, conversation)
    const side: Side = step.dir === 'replica->master' ? 'replica' : 'master'
    if (step.hex === undefined) {
      const ended = step.event?.includes('replica') ? 'replica' : 'master'
      if (step.event?.startsWith('eof')) conversation.end(ended, 'fin', at)
    } else if (isLost(index)) conversation.gap(side, step.hex.length / 2, at)
    else conversation.push(side, Buffer.from(step.hex, 'hex'), at)
  })
  for (const conversation of open.values()) conversation.end('replica', 'end-of-input', 1e9)
  book.tick(Number.MAX_SAFE_INTEGER)
  return events
}

const told = (events: readonly ReplEvent[]) =>
  events.flatMap((e) =>
    e.kind === 'command' ? [`${e.start}..${e.end} ${e.command.argv().slice(0, 2).join(' ')}`] : [],
  )

describe.each(transcripts().map((t) => [t.name, t] as const))('%s', (_, transcript) => {
  const whole = told(eventsOf(transcript))
  const chunks = transcript.events.flatMap((e, index) => (e.hex === undefined ? [] : [index]))

  it('without any one of its packets', () => {
    for (const lost of chunks) {
      const events = without(transcript, (index) => index === lost)
      expect(
        events.filter((e) => e.kind === 'fault'),
        `step ${lost} lost`,
      ).toEqual([])
      const seen = told(events)
      expect(whole, `step ${lost} lost`).toEqual(expect.arrayContaining(seen))
      const inSync = events.filter(
        (e) => e.kind === 'command' || e.kind === 'resync' || e.kind === 'snapshot-end',
      )
      expect([...new Set(inSync.map((e) => e.link))], `step ${lost} lost`).toEqual([1])
      // At most what was in that packet, and the command behind it that shows where commands begin.
      expect(whole.length - seen.length, `step ${lost} lost`).toBeLessThanOrEqual(9)
    }
  })

  it('without a tenth of its packets', () => {
    for (let seed = 1; seed <= 40; seed++) {
      const random = mulberry32(seed)
      const lost = new Set(chunks.filter(() => random() < 0.1))
      const events = without(transcript, (index) => lost.has(index))
      expect(
        events.filter((e) => e.kind === 'fault'),
        `seed ${seed}`,
      ).toEqual([])
      const seen = told(events).filter((line) => !line.startsWith('undefined'))
      expect(whole, `seed ${seed}`).toEqual(expect.arrayContaining(seen))
    }
  })
})
