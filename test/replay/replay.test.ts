/** From a recording to what is played of it: index, chapters, score, rendition; synthetic sessions. */
import { describe, expect, it } from 'vitest'
import type { ByteString } from '../../src/bytes/byte-string.ts'
import { encodeCommand } from '../../src/codec/resp/encode.ts'
import { AppliedStream } from '../../src/replay/applied-stream.ts'
import { brokenSnapshot, chaptersOf } from '../../src/replay/chapters.ts'
import { MasterPlayer } from '../../src/replay/master-player.ts'
import { RecordingIndex } from '../../src/replay/recording-index.ts'
import { Rendition } from '../../src/replay/rendition.ts'
import { ReplicaPlayer } from '../../src/replay/replica-player.ts'
import { Score } from '../../src/replay/score.ts'
import { Conversation } from '../../src/replication/conversation.ts'
import type { Side } from '../../src/replication/events.ts'
import { LinkBook } from '../../src/replication/link-book.ts'
import { randomChunks } from '../support/every-split.ts'

const ID = 'a3401045640fafea747d9e935807a0621ae9e0d5' as ByteString
const OTHER = 'b'.repeat(40) as ByteString
const RDB = Buffer.from('REDIS0009\xff\0\0\0\0\0\0\0\0', 'latin1')
const AT = 1_700_000_000_000_000

const c = (...words: string[]) => encodeCommand(words as ByteString[])
const text = (line: string) => Buffer.from(line, 'latin1')

type Piece = { conn: number; side: Side; from: number; bytes: Buffer } | { conn: number; gap: number }

/** Connections of one replica, each what its two sides said by turns; a number is a hole in the master's stream. */
function session(...connections: readonly (readonly [Side | 'gap', Buffer | number][])[]) {
  const index = new RecordingIndex()
  const book = new LinkBook({ emit: index.event, snapshot: 'sizes', commands: 'counted' })
  const pieces: Piece[] = []
  let at = AT
  connections.forEach((turns, i) => {
    const conn = i + 1
    const conversation = book.open('10.0.0.1:5000', '10.0.0.2:6379', ++at)
    const positions = { replica: 0, master: 0 }
    for (const [side, bytes] of turns) {
      if (typeof bytes === 'number' || side === 'gap') {
        conversation.gap('master', Number(bytes), ++at)
        positions.master += Number(bytes)
        continue
      }
      conversation.push(side, bytes, ++at)
      pieces.push({ conn, side, from: positions[side], bytes })
      positions[side] += bytes.length
    }
    conversation.end('replica', 'fin', ++at)
  })
  const link = index.links.get(1)!
  return { link, chapters: chaptersOf(link), pieces }
}

/** What a rendition gives of pieces that are cut anew. */
function played(rendition: Rendition, pieces: readonly Piece[], seed: number): Buffer {
  const out: Buffer[] = []
  for (const piece of pieces) {
    if (!('bytes' in piece)) continue
    let { from } = piece
    for (const bytes of randomChunks(piece.bytes, seed)) {
      const part = { ...piece, from, bytes }
      out.push(Buffer.from(rendition.takeSnapshot(part)), Buffer.from(rendition.takeStream(part)))
      from += bytes.length
    }
  }
  return Buffer.concat(out)
}

const HANDSHAKE: [Side, Buffer][] = [
  ['replica', c('REPLCONF', 'listening-port', '7000', 'capa', 'eof')],
  ['master', text('+OK\r\n')],
]
const MARK = 'e'.repeat(40)
const SNAPSHOT = Buffer.concat([text(`\n$EOF:${MARK}\r\n`), RDB, text(MARK)])
const [A, B, C, D] = [c('SET', 'a', '1'), c('SET', 'b', '2'), c('PING'), c('SET', 'd', '4')]
const full = (id: string, offset: number): [Side, Buffer][] => [
  ...HANDSHAKE,
  ['replica', c('PSYNC', '?', '-1')],
  ['master', Buffer.concat([text(`+FULLRESYNC ${id} ${offset}\r\n`), SNAPSHOT])],
]
const again = (offset: number, answer = '+CONTINUE\r\n'): [Side, Buffer][] => [
  ...HANDSHAKE,
  ['replica', c('PSYNC', ID, String(offset + 1))],
  ['master', text(answer)],
]

describe('chapters of a recording', () => {
  it('are one stream across reconnects, each byte once', () => {
    const first = 100 + A.length + B.length
    const { chapters, pieces } = session(
      [...full(ID, 100), ['master', Buffer.concat([A, B])]],
      // The replica had lost B, so it is sent again.
      [...again(100 + A.length, `+CONTINUE ${OTHER}\r\n`), ['master', Buffer.concat([B, C, D])]],
    )
    expect(chapters).toHaveLength(1)
    expect(chapters[0]).toMatchObject({ from: 100, to: first + C.length + D.length, replids: [ID, OTHER] })
    for (const seed of [1, 2, 3]) {
      const whole = new Rendition(chapters[0]!, undefined)
      expect(played(whole, pieces, seed)).toEqual(Buffer.concat([SNAPSHOT, A, B, C, D]))
      expect(whole.isOver).toBe(true)
      const rest = new Rendition(chapters[0]!, 100 + A.length)
      expect(played(rest, pieces, seed)).toEqual(Buffer.concat([B, C, D]))
      const byLength = new Rendition(chapters[0]!, undefined, { byLength: true })
      const snapshot = Buffer.concat([text(`\n$${RDB.length}\r\n`), RDB])
      expect(played(byLength, pieces, seed)).toEqual(Buffer.concat([snapshot, A, B, C, D]))
    }
  })

  it('begin anew with each full resync', () => {
    const { chapters } = session([...full(ID, 100), ['master', A]], [...full(OTHER, 7), ['master', B]])
    expect(chapters.map(({ replids, from }) => [replids[0], from])).toEqual([
      [ID, 100],
      [OTHER, 7],
    ])
  })

  it('end where bytes of the stream are missing, and say so', () => {
    const { chapters, pieces } = session([
      ...full(ID, 100),
      ['master', A],
      ['gap', 50],
      ['master', Buffer.concat([B, D])],
    ])
    expect(chapters[0]).toMatchObject({ to: 100 + A.length, hole: { offset: 100 + A.length, missing: 50 } })
    expect(played(new Rendition(chapters[0]!, 100), pieces, 1)).toEqual(A)
  })

  it('are none where bytes of the snapshot are missing, or it is not complete', () => {
    const header = text(`+FULLRESYNC ${ID} 100\r\n$1000\r\nREDIS0009`)
    const start: [Side, Buffer][] = [...HANDSHAKE, ['replica', c('PSYNC', '?', '-1')], ['master', header]]
    const broken = session([...start, ['gap', 200], ['master', Buffer.alloc(791)], ['master', A]])
    expect(broken.chapters).toEqual([])
    expect(brokenSnapshot(broken.link)?.hole).toEqual({ position: 5 + header.length, missing: 200 })
    const cut = session([...start, ['master', Buffer.alloc(100)]])
    expect(cut.chapters).toEqual([])
    expect(brokenSnapshot(cut.link)?.hole).toBe(undefined)
  })
})

describe('a recorded master', () => {
  const { chapters } = session([...full(ID, 100), ['master', A]], [...full(OTHER, 7), ['master', B]])

  /** Says all of it, cut in every way that one seed gives, and returns what was done. */
  function asked(seed: number, score: Score, ...commands: Buffer[]): unknown[] {
    const done: unknown[] = []
    let said = ''
    const player = new MasterPlayer(score, {
      send: (line) => (said += line),
      perform: ({ chapter, offset, isStreaming }) =>
        done.push([said, chapter.replids[0], offset, isStreaming]),
      acknowledged: (offset) => done.push(offset),
      close: () => done.push('close'),
    })
    for (const chunk of randomChunks(Buffer.concat(commands), seed)) player.push(chunk)
    return done.length > 0 ? done : [said]
  }

  it.each([1, 2, 3])('answers by meaning, whatever the replica says first (seed %i)', (seed) => {
    const hello = [
      c('PING'),
      c('AUTH', 'u', 'p'),
      c('REPLCONF', 'version', '9.1.2'),
      c('REPLCONF', 'capa', 'eof'),
    ]
    const ok = '+PONG\r\n+OK\r\n+OK\r\n+OK\r\n'
    const ask = (id: string, offset: number) =>
      asked(seed, new Score(chapters), ...hello, c('PSYNC', id, String(offset)))
    expect(ask('?', -1)).toEqual([[`${ok}+FULLRESYNC ${ID} 100\r\n`, ID, 100, false]])
    expect(ask(ID, 101)).toEqual([[`${ok}+CONTINUE\r\n`, ID, 100, true]])
    expect(ask(ID, 100)).toEqual([[`${ok}+FULLRESYNC ${ID} 100\r\n`, ID, 100, false]])
    expect(ask(ID, 101 + A.length + 1)).toEqual([[`${ok}+FULLRESYNC ${ID} 100\r\n`, ID, 100, false]])
    expect(ask(OTHER, 8 + B.length)).toEqual([[`${ok}+CONTINUE\r\n`, OTHER, 7 + B.length, true]])
    expect(asked(seed, new Score(chapters), text('SYNC\r\n'), c('REPLCONF', 'ACK', '5'))).toEqual([
      ['', ID, 100, false],
      5,
    ])
    expect(asked(seed, new Score(chapters), c('GET', 'k'))[0]).toMatch(/^-ERR this is a recording/)
    expect(asked(seed, new Score(chapters), text('*x\r\n'))).toEqual(['close'])
  })

  it('gives who has all of a chapter the next one', () => {
    const score = new Score(chapters)
    score.finished(chapters[0]!)
    const end = String(101 + A.length)
    expect(asked(1, score, c('PSYNC', ID, end))).toEqual([[`+FULLRESYNC ${OTHER} 7\r\n`, OTHER, 7, false]])
  })
})

describe('a recorded replica', () => {
  function player(login?: { user: string; password: string }) {
    const replica = new ReplicaPlayer(login)
    const live = new Conversation({ emit: (event) => void replica.live(event) })
    return { replica, live }
  }
  const request = (...argv: string[]) =>
    ({ kind: 'request', name: argv[0]!, argv: argv as ByteString[] }) as const

  it('waits for answers, acknowledges what it has, goes on from there', () => {
    const { replica, live } = player()
    expect(replica.opened()).toBe(undefined)
    expect(replica.say(request('REPLCONF', 'capa', 'eof', 'capa', 'rdb-channel-repl'))).toEqual(
      c('REPLCONF', 'capa', 'eof'),
    )
    expect(replica.isTime(request('PSYNC', ID, '77'))).toBe(false)
    live.push('replica', c('REPLCONF', 'capa', 'eof'), AT)
    live.push('master', text('+OK\r\n'), AT)
    const ask = replica.say(request('PSYNC', ID, '77'))!
    expect(ask).toEqual(c('PSYNC', ID, '77'))
    live.push('replica', ask, AT)
    live.push(
      'master',
      Buffer.concat([text(`+FULLRESYNC ${OTHER} 5000\r\n$${RDB.length}\r\n`), RDB.subarray(0, 5)]),
      AT,
    )
    expect(replica.isTime({ kind: 'ack' })).toBe(false)
    live.push('master', Buffer.concat([RDB.subarray(5), A]), AT)
    expect(replica.isTime({ kind: 'ack' })).toBe(true)
    expect(replica.say({ kind: 'ack' })).toEqual(c('REPLCONF', 'ACK', String(5000 + A.length)))
    replica.opened()
    expect(replica.say(request('PSYNC', ID, '77'))).toEqual(c('PSYNC', OTHER, String(5001 + A.length)))
  })

  it('sends no password that was blanked, and the one that is given instead of a recorded one', () => {
    const { replica } = player()
    expect(replica.say(request('AUTH', '****'))).toBe(undefined)
    expect(replica.lacksPassword).toBe(true)
    expect(player().replica.say(request('AUTH', 'open'))).toEqual(c('AUTH', 'open'))
    const given = player({ user: '', password: 'pw' }).replica
    expect(given.opened()).toEqual(c('AUTH', 'pw'))
    expect(given.say(request('AUTH', '****'))).toBe(undefined)
    expect(given.lacksPassword).toBe(false)
  })
})

describe('a stream to be applied', () => {
  it('comes without what only a replica understands, however it is cut', () => {
    const large = c('SET', 'large', 'x'.repeat(5000))
    const stream = Buffer.concat([
      C,
      c('SELECT', '3'),
      text('\n'),
      A,
      c('REPLCONF', 'GETACK', '*'),
      large,
      C,
      B,
    ])
    for (let seed = 1; seed <= 40; seed++) {
      const applied = new AppliedStream()
      const out = randomChunks(stream, seed).map((chunk) => Buffer.from(applied.push(chunk)))
      expect(Buffer.concat([...out, applied.end()])).toEqual(Buffer.concat([c('SELECT', '3'), A, large, B]))
      expect(applied.commands).toBe(4)
    }
  })

  it('undoes a transaction that is not whole, and says what it cannot understand', () => {
    const applied = new AppliedStream()
    const out = [applied.push(Buffer.concat([c('MULTI'), A, B.subarray(0, 9)])), applied.end()]
    expect(Buffer.concat(out)).toEqual(Buffer.concat([c('MULTI'), A, c('DISCARD')]))
    const strange = new AppliedStream()
    expect(strange.push(Buffer.concat([A, text('+OK\r\n')]))).toEqual(A)
    expect(strange.fault).toMatch(/expected/)
  })
})
