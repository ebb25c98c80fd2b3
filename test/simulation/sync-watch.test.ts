import { describe, expect, it } from 'vitest'
import type { Connection, Peer } from '../../src/ports.ts'
import { isCovered, type MasterFacts, type SyncEvent, watchSync } from './sync-watch.ts'

const ID = 'a'.repeat(40)
const ID2 = 'b'.repeat(40)
const FACTS: MasterFacts = {
  replid: ID,
  replid2: ID2,
  secondOffset: 60,
  offset: 77,
  backlog: { first: 41, length: 37 },
  isUnable: false,
  isUnlinked: false,
  isDiskFull: false,
}

describe('the rule of partial resynchronisation', () => {
  it.each([
    [ID, 78, true],
    [ID, 79, false],
    [ID, 41, true],
    [ID, 40, false],
    [ID2, 60, true],
    [ID2, 61, false],
    ['c'.repeat(40), 50, false],
    ['?', -1, false],
  ])('%s %i', (replid, offset, isGranted) => {
    expect(isCovered(replid, offset, FACTS)).toBe(isGranted)
    expect(isCovered(replid, offset, { ...FACTS, backlog: undefined })).toBe(false)
  })
})

/** A door behind which somebody gives one answer to whatever is asked. */
function door(answer: string, facts: Partial<MasterFacts> = {}, isFailover = false) {
  const events: SyncEvent[] = []
  const sent: string[] = []
  const peer: Peer = {
    send: (pieces) => sent.push(...pieces.map(String)),
    close: () => {},
    destroy: () => {},
    pause: () => {},
    resume: () => {},
    waitingBytes: 0,
    remote: 'r:1',
    local: 'm:1',
  }
  let seen = ''
  const accept = (watched: Peer): Connection => ({
    push: (chunk) => {
      seen += chunk.toString('latin1')
      if (seen.endsWith(`\r\n78\r\n${option}`)) watched.send([answer])
    },
    drained: () => {},
    closed: () => {},
  })
  const connection = watchSync(
    peer,
    accept,
    () => ({ ...FACTS, ...facts }),
    (event) => events.push(event),
  )
  const [count, option] = isFailover ? [4, '$8\r\nFAILOVER\r\n'] : [3, '']
  const psync = `*${count}\r\n$5\r\nPSYNC\r\n$40\r\n${ID}\r\n$2\r\n78\r\n${option}`
  const request = `*1\r\n$4\r\nPING\r\n${psync}`
  const ask = (): void => {
    for (const byte of Buffer.from(request)) connection.push(Buffer.from([byte]))
  }
  return { events, sent, ask }
}

describe('the watch at the door', () => {
  it('sees what is asked and answered, and lets everything through', () => {
    const { events, sent, ask } = door(`\n+CONTINUE ${ID}\r\n`)
    ask()
    expect(events).toEqual([
      { kind: 'asked', replid: ID, offset: 78 },
      { kind: 'partial', line: `+CONTINUE ${ID}` },
    ])
    expect(sent).toEqual([`\n+CONTINUE ${ID}\r\n`])
  })

  it.each([
    ['refuses what is covered', `+FULLRESYNC ${ID} 77\r\n`, {}, /could be granted/],
    ['grants what is not covered', '+CONTINUE\r\n', { backlog: undefined }, /could not be granted/],
    ['grants what it cannot give now', '+CONTINUE\r\n', { isUnable: true }, /could not be granted/],
    ['refuses without a reason', '-NOMASTERLINK\r\n', { backlog: undefined }, /no reason that is known/],
  ])('finds out who %s', (_what, answer, facts, why) => {
    expect(door(answer, facts).ask).toThrow(why)
  })

  it('knows that who takes over from its master needs no link to it', () => {
    const { events, ask } = door(`+CONTINUE ${ID2}\r\n`, { isUnlinked: true }, true)
    ask()
    expect(events.at(-1)).toEqual({ kind: 'partial', line: `+CONTINUE ${ID2}` })
  })

  it.each([
    ['-LOADING', { isUnable: true }],
    ['-NOMASTERLINK', { isUnlinked: true }],
    ["-ERR BGSAVE failed, replication can't continue", { backlog: undefined, isDiskFull: true }],
  ])('forgives who refuses because he cannot: %s', (line, facts) => {
    const { events, ask } = door(`${line}\r\n`, facts)
    ask()
    expect(events.at(-1)).toEqual({ kind: 'refused', line })
  })
})
