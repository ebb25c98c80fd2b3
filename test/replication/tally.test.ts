/** Commands that are only counted: the totals are those of commands that are told. */
import { expect, it } from 'vitest'
import { Totals } from '../../src/sink/totals.ts'
import { eventsOf, transcripts } from '../support/transcripts.ts'

it.each(transcripts().map((t) => [t.name, t] as const))('%s: counted as told', (_, transcript) => {
  const [told, counted] = (['told', 'counted'] as const).map((commands) => {
    const totals = new Totals()
    const events = eventsOf(transcript, undefined, { commands })
    for (const event of events) totals.event(event)
    return { totals, events }
  })
  const protocol = ['SELECT', 'MULTI', 'EXEC']
  const alone = counted!.events.flatMap((e) => (e.kind === 'command' ? [e.command.name] : []))
  expect(alone.filter((name) => !protocol.includes(name))).toEqual([])
  expect([...counted!.totals.commands].sort()).toEqual([...told!.totals.commands].sort())
  const offsets = ({ totals }: { totals: Totals }) => [...totals.links.values()].map((link) => link.offset)
  expect(offsets(counted!)).toEqual(offsets(told!))
  expect(counted!.totals.pings).toBe(told!.totals.pings)
})
