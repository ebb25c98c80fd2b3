import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Side } from '../../src/replication/events.ts'
import { LinkBook } from '../../src/replication/link-book.ts'
import { Secrets } from '../../src/replication/secrets.ts'
import { jsonEvent } from '../../src/sink/json-event.ts'
import { Recorder } from '../../src/sink/recorder.ts'
import { randomChunks } from '../support/every-split.ts'
import { MemoryRecording, readRecording } from '../support/recordings.ts'
import { kept, transcripts } from '../support/transcripts.ts'

type Step = { conn: number; side: Side; bytes: Buffer | undefined; at: number }

/** Plays steps through a recorder; `seed` cuts their bytes anew. */
function record(steps: readonly Step[], seed: number | undefined, { shown = false, full = -1 } = {}) {
  const target = new MemoryRecording()
  const secrets = new Secrets({ shown, blanks: true })
  const recorder = new Recorder(target, 'test', secrets)
  const live: object[] = []
  const book = new LinkBook({
    secrets,
    emit: (event) => live.push(jsonEvent(kept(event)) ?? {}),
  })
  const open = new Map<number, ReturnType<Recorder['session']>>()
  const ended = new Map<number, Side>()
  let pushes = 0
  for (const { conn, side, bytes, at } of steps) {
    book.tick(at)
    let session = open.get(conn)
    if (session === undefined) {
      const ends = [`10.0.0.1:${50_000 + conn}`, '10.0.0.2:6379'] as const
      session = recorder.session(...ends)
      session.around(book.open(...ends, at, 'handshake', session.event))
      open.set(conn, session)
    }
    if (bytes === undefined) {
      session.ending(side, at)
      const first = ended.get(conn)
      ended.set(conn, side)
      if (first !== undefined) session.end(first, 'fin', at)
      continue
    }
    for (const part of seed === undefined ? [bytes] : randomChunks(bytes, seed)) {
      target.isFull = pushes++ === full
      const borrowed = Buffer.from(part)
      session.push(side, borrowed, at)
      borrowed.fill(0xdb)
    }
  }
  const last = steps.at(-1)!.at
  for (const session of open.values()) session.end('master', 'end-of-input', last)
  book.tick(Number.POSITIVE_INFINITY)
  return { file: target.file, live: live.filter((e) => 'kind' in e) }
}

function back(file: Buffer) {
  const { events, comments } = readRecording(file)
  return { events: events.map((event) => jsonEvent(event)).filter((json) => json !== undefined), comments }
}

/** Requests and their answers on one connection, a millisecond apart. */
function dialogue(...lines: readonly [Side, string][]): Step[] {
  return lines.map(([side, text], i) => ({
    conn: 1,
    side,
    bytes: Buffer.from(text, 'latin1'),
    at: 1_700_000_000_000_000 + i * 1000,
  }))
}

const command = (...words: string[]) =>
  `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`

const HASH = '5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8'
const S = Array.from({ length: 12 }, (_, i) => `s3cr3t-${i}-hush`) as [string, ...string[]]
const REPLID = 'a3401045640fafea747d9e935807a0621ae9e0d5'

const SECRETIVE = dialogue(
  ['replica', command('AUTH', 'bob', S[0])],
  ['master', '+OK\r\n'],
  ['replica', `${command('hello', '3', 'auth', 'bob', S[1]!)}AUTH "${S[2]}"\r\nAUTH ${S[2]}\r\n\r\n*0\r\n`],
  ['master', '%1\r\n$6\r\nserver\r\n$5\r\nredis\r\n-WRONGPASS invalid\r\n+OK\r\n'],
  ['replica', command('CONFIG', 'SET', 'masterauth', S[3]!, 'no-such', '1')],
  ['master', `-ERR CONFIG SET failed near '${S[3]}'\r\n`],
  ['replica', command('CONFIG', 'GET', '*') + command('ACL', 'LIST') + command('ACL', 'GENPASS')],
  ['master', `*4\r\n$11\r\nrequirepass\r\n$13\r\n${S[4]}\r\n$4\r\nport\r\n$4\r\n6379\r\n`],
  ['master', `*1\r\n$${HASH.length + 13}\r\nuser bob on #${HASH}\r\n$64\r\n${HASH}\r\n`],
  ['replica', command('ACL', 'SETUSER', 'bob', 'on', `>${S[5]}`, `(~* >${S[6]})`, '~*')],
  ['master', '+OK\r\n'],
  ['replica', command('MIGRATE', 'h', '1', '', '0', '9', 'AUTH2', 'u', S[7]!, 'KEYS', 'k1', 'k2')],
  ['master', `=18\r\ntxt:${S[7]}k\r\n$-1\r\n`],
  ['replica', command('REPLCONF', 'listening-port', '7000') + command('PSYNC', '?', '-1')],
  ['master', `+OK\r\n+FULLRESYNC ${REPLID} 100\r\n`],
  ['master', '$18\r\nREDIS0009\xff\0\0\0\0\0\0\0\0'],
  ['master', command('SET', 'k', 'v') + command('CONFIG', 'SET', 'requirepass', S[8]!)],
  ['replica', command('REPLCONF', 'ACK', '200') + command('CONFIG', 'SET', 'requirepass', S[9]!)],
  ['master', command('SET', 'k', 'v'.repeat(200_000)) + command('MULTI') + command('EXEC')],
  ['replica', `AUTH ${S[10]}`],
)

describe('a recording', () => {
  it.each(transcripts().map((transcript) => [transcript.name, transcript] as const))(
    'of %s is read back as it was shown',
    (_, transcript) => {
      const played = transcript.events.filter((s) => s.hex !== undefined || s.event?.startsWith('eof'))
      const steps = played.map(
        (step): Step => ({
          conn: step.conn,
          side: (step.hex === undefined ? step.event!.includes('replica') : step.dir === 'replica->master')
            ? 'replica'
            : 'master',
          bytes: step.hex === undefined ? undefined : Buffer.from(step.hex, 'hex'),
          at: Math.round(1_700_000_000_000_000 + step.t * 1e6),
        }),
      )
      for (const seed of [undefined, 1]) {
        const { file, live } = record(steps, seed)
        expect(live.length).toBeGreaterThan(20)
        expect(back(file).events).toEqual(live)
      }
    },
  )

  it('holds no secret, however its bytes are cut, and is read back as it was shown', () => {
    const seen = new Set<string>()
    fc.assert(
      fc.property(fc.option(fc.integer({ min: 1 }), { nil: undefined }), (seed) => {
        const { file, live } = record(SECRETIVE, seed)
        const text = file.toString('latin1')
        expect([...S, HASH].filter((secret) => text.includes(secret))).toEqual([])
        const { events, comments } = back(file)
        expect(events).toEqual(live)
        for (const comment of comments) seen.add(comment)
      }),
      { numRuns: 60 },
    )
    expect([...seen]).toEqual(
      expect.arrayContaining(['→ AUTH bob (redacted)', '← @101..127 db0 SET k v', '→ ACK 200']),
    )
  })

  it('holds the bytes as they were where secrets are to be shown', () => {
    const { file } = record(SECRETIVE, undefined, { shown: true })
    const text = file.toString('latin1')
    expect(S.slice(0, 11).filter((secret) => !text.includes(secret))).toEqual([])
  })

  it('overwrites what is not understood, and breaks where the session broke', () => {
    for (const seed of [undefined, 3, 4, 5]) {
      const { file, live } = record(
        dialogue(
          ['replica', command('PING')],
          ['master', '+PONG\r\n'],
          ['replica', `*2\r\n$4\r\nAUTH\r\n${S[0]}\r\nAUTH ${S[1]}\r\n`],
          ['replica', `more ${S[2]}`],
          ['master', '-ERR Protocol error\r\n'],
        ),
        seed,
      )
      const text = file.toString('latin1')
      expect(S.filter((secret) => text.includes(secret))).toEqual([])
      expect(back(file).events).toEqual(live)
      expect(live.some((e) => (e as { code?: string }).code === 'RESP_BAD_LENGTH')).toBe(true)
    }
  })

  it('overwrites a reply that breaks off in the middle', () => {
    for (const seed of [undefined, 3, 4, 5]) {
      const { file, live } = record(
        dialogue(
          ['replica', command('CONFIG', 'GET', '*')],
          ['master', `*4\r\n$11\r\nrequirepass\r\n$14\r\n${S[0]}\r\n$10\r\nmasterauth\r\n$13\r\n${S[1]}\r\n`],
          ['replica', command('PING')],
          ['master', `+PONG ${S[2]}\r\n`],
        ),
        seed,
      )
      const text = file.toString('latin1')
      expect(S.filter((secret) => text.includes(secret))).toEqual([])
      expect(back(file).events).toEqual(live)
    }
  })

  it('holds no more than it must of what may be a secret', () => {
    const long = 'x'.repeat(3_000_000)
    const { file } = record(
      dialogue(['replica', command('AUTH', long) + command('PING')], ['master', '+OK\r\n+PONG\r\n']),
      7,
    )
    expect(file.length).toBeLessThan(2_100_000)
    const { events } = back(file)
    expect(events).toContainEqual(expect.objectContaining({ kind: 'gap', side: 'replica' }))
    expect(events).toContainEqual(expect.objectContaining({ kind: 'request', argv: ['PING'] }))
  })

  it('grows no memory on lines that say nothing', () => {
    const steps = dialogue(
      ['replica', command('PING')],
      ['master', '+PONG\r\n'],
      ['replica', '*0\r\n\r\n'.repeat(200_000)],
      ['replica', command('ECHO', 'x')],
    )
    const started = performance.now()
    const { file } = record(steps, 9)
    expect(performance.now() - started).toBeLessThan(5000)
    expect(back(file).events).toContainEqual(
      expect.objectContaining({ kind: 'request', argv: ['ECHO', 'x'] }),
    )
  })

  it('leaves bytes out while its file cannot take them, and says so', () => {
    const stream = SECRETIVE.slice(13)
    const { file, live } = record(stream, undefined, { full: 3 })
    const { events } = back(file)
    expect(events.filter((e) => e.kind === 'gap')).toHaveLength(1)
    const offsets = (list: object[]) =>
      list.flatMap((e) => ('argv' in e ? [(e as { end?: unknown }).end] : [])).at(-1)
    expect(offsets(events)).toEqual(offsets(live))
  })
})
