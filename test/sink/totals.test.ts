/** What a session amounted to: every event is counted, why each sync happened, and bounded memory. */
import { describe, expect, it } from 'vitest'
import type { ByteString } from '../../src/bytes/byte-string.ts'
import type { ReplEvent, Resync } from '../../src/replication/events.ts'
import { summaryJson } from '../../src/sink/summary.ts'
import { reason, type SyncTotals, Totals } from '../../src/sink/totals.ts'
import { heldBy } from '../support/memory.ts'
import { command, ID, sample, samples } from '../support/sample-events.ts'
import { eventsOf, transcripts } from '../support/transcripts.ts'

const OTHER = 'b77e11c0de0b77e11c0de0b77e11c0de0b77e11c' as ByteString
const totalsOf = (...events: ReplEvent[]) => {
  const totals = new Totals()
  for (const event of events) totals.event(event)
  return totals
}
const full: Resync = { ...sample('resync'), asked: { replid: '?' as ByteString, offset: -1 } }
const partial: Resync = { ...sample('resync'), mode: 'partial', asked: { replid: ID, offset: 101 } }

describe('totals', () => {
  it('take every kind of event, in any order', () => {
    const totals = totalsOf(...samples, ...samples.toReversed())
    expect(totals.links.size).toBe(1)
    expect(() => JSON.stringify(summaryJson(totals))).not.toThrow()
  })

  it('count commands by name, with their bytes; PINGs, ACKs and newlines apart', () => {
    const del = { ...sample('command'), command: command('del k'), from: 14, to: 34 }
    const totals = totalsOf(sample('command'), sample('command'), del, sample('ping'), sample('heartbeat'))
    expect([...totals.commands]).toEqual([
      ['SET', { count: 2, bytes: 28 }],
      ['DEL', { count: 1, bytes: 20 }],
    ])
    expect([totals.pings, totals.heartbeats, totals.acks]).toEqual([1, 1, 0])
  })

  it('count a repeated ACK, but its lag once', () => {
    const ack = { ...sample('ack'), offset: 141 }
    const totals = totalsOf(sample('opened'), sample('ack'), sample('ack'), ack)
    expect([totals.acks, totals.lags.samples]).toEqual([3, 2])
    expect(totals.links.get(1)).toMatchObject({ acks: 3, acked: 141 })
  })

  it('follow a link from its first word to its last', () => {
    const opened = sample('opened')
    const psync = { ...sample('request'), at: 1_000_000 }
    const states: unknown[] = []
    const totals = new Totals()
    const steps: ReplEvent[] = [
      opened,
      psync,
      { ...sample('heartbeat'), at: 2_000_000 },
      full,
      { ...sample('heartbeat'), at: 3_000_000 },
      { ...sample('snapshot-begin'), at: 5_000_000 },
      sample('snapshot-end'),
      sample('closed'),
    ]
    for (const event of steps) {
      totals.event(event)
      states.push(totals.links.get(1)?.state)
    }
    expect(states).toEqual([
      'client',
      'client',
      'client',
      'awaiting-snapshot',
      'awaiting-snapshot',
      'snapshot',
      'streaming',
      'lost',
    ])
    expect(totals.links.get(1)?.syncs).toMatchObject([
      { mode: 'full', wait: 4_000_000, keepAlives: 2, bytes: 1500, outcome: 'done', checksum: 'good' },
    ])
  })

  it('call a sync aborted whose connection ended in the middle', () => {
    const totals = totalsOf(sample('opened'), full, sample('snapshot-begin'), sample('closed'))
    expect(totals.links.get(1)?.syncs[0]?.outcome).toBe('aborted')
    const watching = totalsOf(sample('opened'), full, { ...sample('closed'), how: 'end-of-input' })
    expect(watching.links.get(1)?.syncs[0]?.outcome).toBe('going on')
  })

  it('keep the first faults and count them all', () => {
    const faults = Array.from({ length: 500 }, (_, i): ReplEvent => ({ ...sample('fault'), position: i }))
    const totals = totalsOf(...faults)
    expect(totals.faultCount).toBe(500)
    expect(totals.faults.length).toBe(100)
    expect(totals.faults[0]?.position).toBe(0)
    expect(totals.links.get(1)?.state).toBe('opaque')
  })

  it('stay bounded: names, links, syncs', () => {
    let totals = new Totals()
    const grown = heldBy(() => {
      totals = new Totals()
      for (let i = 0; i < 50_000; i++) {
        totals.event({ ...sample('command'), command: command(`NAME${i}`) })
        totals.event({ ...full, link: 1 })
        totals.event({ ...sample('opened'), link: 2 + i, conn: 2 + i })
        totals.event({ ...sample('closed'), link: 2 + i, conn: 2 + i })
      }
      return totals
    })
    expect(grown).toBeLessThan(16 * 1024 * 1024)
    expect(totals.commands.size).toBeLessThanOrEqual(1001)
    expect([...totals.commands.values()].reduce((sum, entry) => sum + entry.count, 0)).toBe(50_000)
    expect(totals.links.size).toBeLessThanOrEqual(10_000)
  })

  it('of a recorded session are those of its events', () => {
    for (const transcript of transcripts()) {
      const events = eventsOf(transcript)
      const totals = totalsOf(...events)
      const of = (kind: string) => events.filter((event) => event.kind === kind).length
      const commands = [...totals.commands.values()].reduce((sum, entry) => sum + entry.count, 0)
      expect(commands).toBe(of('command'))
      expect([totals.acks, totals.pings, totals.heartbeats]).toEqual([of('ack'), of('ping'), of('heartbeat')])
      const links = [...totals.links.values()]
      expect(links.reduce((sum, link) => sum + link.full + link.partial, 0)).toBe(of('resync'))
      expect(links.reduce((sum, link) => sum + link.connections, 0)).toBe(of('opened'))
    }
  })
})

describe('why a sync happened', () => {
  const syncedFrom = (replid: ByteString) => ({ syncs: totalsOf({ ...full, replid }).links.get(1)!.syncs })
  const fresh: { syncs: readonly SyncTotals[] } = { syncs: [] }
  const asks = (replid: string, offset: number) => ({ replid: replid as ByteString, offset })

  it.each<[string, Resync, typeof fresh, string]>([
    ['it is new', full, fresh, 'no history (PSYNC ? -1)'],
    [
      'it said SYNC',
      { ...full, asked: undefined, replid: undefined },
      fresh,
      'old SYNC: asks for everything',
    ],
    ['the capture began later', { ...full, asked: undefined }, fresh, 'what it asked for was not captured'],
    [
      'it was a master before',
      { ...full, asked: asks(OTHER, 1) },
      fresh,
      'it has nothing of this master (offers a history of its own)',
    ],
    [
      'it was away too long',
      { ...full, asked: asks(ID, 50) },
      syncedFrom(ID),
      'the backlog does not hold offset 50',
    ],
    [
      'the master has started anew',
      { ...full, asked: asks(OTHER, 50) },
      syncedFrom(OTHER),
      'the master has another history now',
    ],
    [
      'it was with another master',
      { ...full, asked: asks(OTHER, 50) },
      fresh,
      "its history is not the master's",
    ],
    ['it is back', partial, syncedFrom(ID), 'link lost; the backlog held it'],
    ['it was away before we watched', partial, fresh, 'the backlog holds what it asks for'],
    [
      'a replica was promoted',
      { ...partial, replid: OTHER },
      syncedFrom(ID),
      'history goes on under a new id (promotion)',
    ],
  ])('%s', (_, event, link, why) => {
    expect(reason(event, link, true)).toBe(why)
  })

  it('is not said of a handshake that was cut off: it looks like an old SYNC, but nobody asked for one', () => {
    const unseen = { ...full, asked: undefined, replid: undefined }
    expect(reason(unseen, fresh, false)).toBe('what it asked for was not captured')
    const unanswered = { ...unseen, asked: asks(ID, 50) }
    expect(reason(unanswered, fresh, false)).toBe('what its PSYNC was answered is not known')
  })
})
