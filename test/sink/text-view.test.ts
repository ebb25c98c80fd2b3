/** What the live view folds, what it tells once, and what it must never swallow. Whole sessions: transcripts.test.ts. */
import { describe, expect, it } from 'vitest'
import type { ReplEvent } from '../../src/replication/events.ts'
import { parseFilter } from '../../src/sink/filter.ts'
import { Selection } from '../../src/sink/kinds.ts'
import { palette } from '../../src/sink/palette.ts'
import { TextView } from '../../src/sink/text-view.ts'
import { Totals } from '../../src/sink/totals.ts'
import { command, sample } from '../support/sample-events.ts'

type Options = { show?: string[]; hide?: string[]; filter?: string }

/** The lines of a session, their time of day left out. */
function view(events: readonly ReplEvent[], { show, hide = [], filter = '' }: Options = {}): string[] {
  const totals = new Totals()
  const lines: string[] = []
  const sink = new TextView({
    write: (line) => lines.push(line),
    selection: new Selection(show, hide),
    filter: parseFilter(filter),
    palette: palette(false),
    totals,
  })
  for (const event of events) {
    totals.event(event)
    sink.event(event)
  }
  sink.end()
  return lines.map((line) => line.replace(/^(#\d+ +)\S+( m?s)? +/, '$1').replace(/ {2,}/g, '  '))
}

let offset = 0
const set = (text: string, tx?: number): ReplEvent => {
  const start = offset
  offset += 20
  return { ...sample('command'), command: command(text), start, end: offset, tx }
}
const opened = sample('opened')
const ack = (at: number, lagBytes = 0): ReplEvent => ({ ...sample('ack'), offset: at, lagBytes })

describe('the text view', () => {
  it('tells a transaction on one line, with the bytes of all of it', () => {
    offset = 100
    const events = [
      opened,
      set('MULTI', 1),
      set('SET a 1', 1),
      set('INCR b', 1),
      set('EXEC', 1),
      set('SET c 1'),
    ]
    expect(view(events).slice(1)).toEqual([
      '#1  ← @101..180  db0 MULTI · SET a 1 · INCR b · EXEC',
      '#1  ← @181..200  db0 SET c 1',
    ])
  })

  it('cuts a transaction that is long, and says of how many commands it is', () => {
    offset = 0
    const many = Array.from({ length: 100 }, (_, i) => set(`SET key:${i} value`, 1))
    const [line] = view([opened, set('MULTI', 1), ...many, set('EXEC', 1)]).slice(1)
    expect(line).toMatch(/MULTI · SET key:0 value · .* · … · EXEC {2}\(100 commands\)$/)
    expect(line!.length).toBeLessThan(600)
  })

  it('tells a transaction that was cut off', () => {
    const lines = view([opened, set('MULTI', 1), set('SET a 1', 1), sample('closed')])
    expect(lines.join('\n')).toContain('SET a 1')
  })

  it('tells at the end what it had folded', () => {
    const lines = view([opened, ack(100), ack(100), sample('ping'), sample('ping')])
    expect(lines.join('\n')).toContain('PING ×2')
  })

  it('folds ACKs and PINGs that say nothing new', () => {
    offset = 0
    const events = [
      opened,
      set('SET a 1'),
      ack(20),
      sample('ping'),
      ack(34),
      sample('ping'),
      ack(48),
      set('SET b 1'),
    ]
    expect(view(events).slice(1)).toEqual([
      '#1  ← @1..20  db0 SET a 1',
      expect.stringMatching(/^#1 {2}→ ACK 20 {2}lag 0 B/),
      '#1  idle: ACK 48 ×2, PING ×2',
      '#1  ← @21..40  db0 SET b 1',
    ])
  })

  it('shows ACKs as long as they say that the replica is behind', () => {
    offset = 0
    const lines = view([opened, set('SET a 1'), ack(5, 15), ack(10, 10), ack(20, 0), ack(20, 0)])
    expect(lines.filter((line) => line.includes('ACK')).length).toBe(3)
  })

  it('folds nothing that is asked for', () => {
    const events = [opened, sample('ping'), ack(48), ack(48), ack(48), sample('heartbeat'), sample('getack')]
    const lines = view(events, { show: ['acks', 'pings', 'heartbeats'] })
    expect(lines.map((line) => line.split('  ')[1])).toEqual([
      '← @128..141',
      '→ ACK 127'.replace('127', '48'),
      '→ ACK 48',
      '→ ACK 48',
      '← newline',
      '← @142..178',
    ])
  })

  it('tells the handshake once, not each time the replica comes back', () => {
    const ping: ReplEvent = { ...sample('request'), command: command('PING') }
    const session = (conn: number): ReplEvent[] => [
      { ...opened, conn },
      { ...ping, conn },
      { ...sample('reply'), conn },
      { ...sample('request'), conn },
      { ...sample('resync'), mode: 'partial', conn },
      { ...sample('closed'), conn },
    ]
    const lines = view([...session(1), ...session(2)])
    expect(lines.filter((line) => line.includes('→ PING')).length).toBe(1)
    expect(lines.filter((line) => line.includes('PSYNC')).length).toBe(2)
    expect(lines.filter((line) => line.includes('connects again')).length).toBe(1)
  })

  it('tells a failure that repeats without end a few times', () => {
    const refused: ReplEvent[] = Array.from({ length: 1000 }, (_, i): ReplEvent[] => [
      { ...opened, conn: i },
      { ...sample('request'), conn: i },
      {
        ...sample('reply'),
        conn: i,
        error: true,
        answers: 'PSYNC',
        value: { type: 'error', value: 'ERR no' as never },
      },
      { ...sample('closed'), conn: i, during: 'negotiating' },
    ]).flat()
    const lines = view(refused)
    expect(lines.length).toBeLessThan(40)
    expect(lines.join('\n')).toContain('900 times the same answer')
  })

  it('does not tell what ordinary clients say unless asked', () => {
    const events: ReplEvent[] = [
      { ...opened, role: 'client' },
      { ...sample('request'), command: command('GET k'), state: 'client' },
      { ...sample('closed'), during: 'client' },
    ]
    expect(view(events)).toEqual([])
    const asked = view(events, { show: ['clients', 'connections'] }).join('\n')
    expect(asked).toContain('→ GET k')
    expect(asked).toContain('1 request')
  })

  it('tells the first of gaps in a row, and then their sum', () => {
    offset = 0
    const gap = { ...sample('gap'), missing: 1000 } as ReplEvent
    expect(view([opened, gap, set('SET a 1'), gap, gap, set('SET a 2'), gap, gap, gap]).slice(1)).toEqual([
      '#1  gap: 1,000 bytes missing from the capture',
      '#1  ← @1..20  db0 SET a 1',
      '#1  gap: 1,000 bytes missing from the capture',
      '#1  gap: 1,000 bytes missing from the capture',
      '#1  ← @21..40  db0 SET a 2',
      '#1  gap: 1,000 bytes missing from the capture',
      '#1  gaps: 2,000 more bytes missing, in 2 places',
    ])
    expect(view([opened, gap, gap, gap], { show: ['gaps'] })).toHaveLength(3)
  })

  it('tells faults, gaps and lost lines whatever is filtered', () => {
    const lines = view([sample('fault'), sample('gap'), sample('overflow')], {
      filter: 'key=nothing cmd=none',
    })
    expect(lines.length).toBe(3)
  })

  it('hides what is hidden', () => {
    offset = 0
    expect(view([opened, set('SET a 1'), sample('closed')], { hide: ['connections'] })).toEqual([
      '#1  ← @1..20  db0 SET a 1',
    ])
  })

  it('says that offsets are not known where they are not', () => {
    const unknown: ReplEvent = { ...sample('command'), start: undefined, end: undefined, db: undefined }
    expect(view([opened, unknown])[1]).toBe('#1  ← @?  SET k v')
  })
})
