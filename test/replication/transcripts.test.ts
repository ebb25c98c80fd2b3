import { describe, expect, it } from 'vitest'
import { encodeCommand } from '../../src/codec/resp/encode.ts'
import type { ReplEvent, StreamCommand } from '../../src/replication/events.ts'
import { mulberry32 } from '../support/every-split.ts'
import { eventsOf, transcripts } from '../support/transcripts.ts'

/** What must not depend on chunking: everything but slices, which are as long as they come. */
const withoutSlices = (events: ReplEvent[]) => events.filter((e) => e.kind !== 'snapshot-slice')

describe.each(transcripts().map((t) => [t.name, t] as const))('%s', (name, transcript) => {
  const events = eventsOf(transcript)

  it('is understood without a fault', () => {
    expect(events.filter((e) => e.kind === 'fault')).toEqual([])
  })

  it('arrives at exactly the master_repl_offset of the server', () => {
    const ends = events.flatMap((e) => ('end' in e && e.end !== undefined ? [e.end] : []))
    expect(ends.at(-1)).toBe(Number(transcript.final_master_info.master_repl_offset))
  })

  it('gives commands that are as long as their offsets say, without a hole between them', () => {
    let before: number | undefined
    for (const event of events) {
      if (event.kind === 'resync') before = event.offset
      if (event.kind !== 'command' && event.kind !== 'ping' && event.kind !== 'getack') continue
      if (event.start === undefined || event.end === undefined) continue
      expect(event.start).toBe(before)
      expect(event.end - event.start).toBe(event.to - event.from)
      if (event.kind === 'command') {
        const bytes = encodeCommand((event as StreamCommand).command.argv() as never).length
        expect(event.end - event.start).toBe(bytes)
      }
      before = event.end
    }
  })

  it('is the same byte by byte and under random chunking', () => {
    const bytewise = eventsOf(transcript, (chunk) => Array.from(chunk, (_, i) => chunk.subarray(i, i + 1)))
    expect(withoutSlices(bytewise)).toEqual(withoutSlices(events))
    const random = mulberry32(7)
    const cut = (chunk: Buffer) => {
      const at = Math.floor(random() * chunk.length)
      return [chunk.subarray(0, at), chunk.subarray(at)].filter((part) => part.length > 0)
    }
    expect(withoutSlices(eventsOf(transcript, cut))).toEqual(withoutSlices(events))
  })

  it('never shows the password', () => {
    const shown = JSON.stringify(events.map((e) => ('command' in e ? { ...e, argv: e.command.argv() } : e)))
    expect(shown).not.toContain('sekret')
    if (/disk/.test(name)) expect(shown).toContain('(redacted)')
  })
})
