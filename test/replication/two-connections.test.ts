/** Two connections, one sync: joined by their client ids, in any order in which they are seen; never mixed up. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Beginning } from '../../src/replication/conversation.ts'
import type { ReplEvent, Side } from '../../src/replication/events.ts'
import { LinkBook } from '../../src/replication/link-book.ts'
import { jsonEvent } from '../../src/sink/json-event.ts'
import { Totals } from '../../src/sink/totals.ts'
import { mulberry32 } from '../support/every-split.ts'
import { commandBytes, NAMES } from '../support/playbook.ts'
import { eventsOf, kept, type Transcript, transcripts } from '../support/transcripts.ts'

const ID = NAMES.id!
const MARK = NAMES.mark!
const MASTER = '10.0.0.9:6379'

/** A book, its events, and connections that are a line to write. */
function openBook() {
  const events: ReplEvent[] = []
  const totals = new Totals()
  let now = 1
  const book = new LinkBook({
    snapshot: 'frame',
    emit: (event) => {
      totals.event(event)
      events.push(kept(event))
    },
  })
  const connect = (address = '10.0.0.1:1', { begin = 'handshake' as Beginning, master = MASTER } = {}) => {
    const conversation = book.open(address, master, now, begin)
    const hears = (text: string) => conversation.push('master', Buffer.from(text, 'latin1'), ++now)
    return {
      says: (...texts: string[]) => {
        for (const text of texts) conversation.push('replica', commandBytes(text), ++now)
      },
      hears,
      gets: (text: string) => hears(commandBytes(text).toString('latin1')),
      misses: (side: Side, bytes: number) => conversation.gap(side, bytes, ++now),
      ends: (side: Side = 'replica') => conversation.end(side, 'fin', ++now),
    }
  }
  const wait = (micros: number) => {
    now += micros
    book.tick(now)
  }
  const opened = () =>
    events.flatMap((e) => (e.kind === 'opened' ? [`${e.link} ${e.role} ${e.channel ?? 'main'}`] : []))
  const commands = () =>
    events.flatMap((e) =>
      e.kind === 'command' ? [`#${e.link} ${e.start}..${e.end} db${e.db ?? '?'} ${e.command.name}`] : [],
    )
  const faults = () => events.filter((e) => e.kind === 'fault')
  return { events, totals, connect, wait, opened, commands, faults }
}

type Talker = ReturnType<ReturnType<typeof openBook>['connect']>

const redisMain = (main: Talker, port: number, clientId: number) => {
  main.says('PING', `REPLCONF listening-port ${port}`, `PSYNC ${NAMES.id2} 1`)
  main.hears(`+PONG\r\n+OK\r\n+RDBCHANNELSYNC ${clientId}\r\n`)
}
const redisRdb = (rdb: Talker, port: number, clientId: number) => {
  rdb.says(`REPLCONF capa eof rdb-only 1 rdb-channel 1 main-ch-client-id ${clientId} listening-port ${port}`)
  rdb.hears('+OK\r\n')
  rdb.says('PSYNC ? -1')
}
const valkeyMain = (main: Talker, port: number) => {
  main.says('PING', `REPLCONF listening-port ${port}`, 'PSYNC ? -1')
  main.hears('+PONG\r\n+OK\r\n+DUALCHANNELSYNC\r\n')
}
const valkeyRdb = (rdb: Talker, port: number) => {
  rdb.says(`REPLCONF capa eof rdb-only 1 rdb-channel 1 listening-port ${port}`)
  rdb.hears('+OK\r\n')
  rdb.says('SYNC')
}
const valkeyGoesOn = (main: Talker, offset: number, rdbId: number) => {
  main.says(`REPLCONF set-rdb-client-id ${rdbId}`)
  main.hears('+OK\r\n')
  main.says(`PSYNC ${ID} ${offset + 1}`)
  main.hears(`+CONTINUE ${ID}\r\n`)
}
const snapshot = `$EOF:${MARK}\r\nabc${MARK}`

describe('a sync over two connections', () => {
  it('of Redis 8 is one link and one sync', () => {
    const { connect, opened, commands, events, totals } = openBook()
    const main = connect('10.0.0.1:1')
    redisMain(main, 7000, 6)
    const rdb = connect('10.0.0.1:2')
    redisRdb(rdb, 7000, 6)
    rdb.hears(`+FULLRESYNC ${ID} 100\r\n`)
    main.gets('SELECT 0')
    rdb.hears(snapshot)
    rdb.ends()
    main.gets('SET k v')
    main.says('REPLCONF ACK 100', 'REPLCONF ACK 150')
    expect(opened()).toEqual(['1 replica main', '1 replica rdb'])
    expect(commands()).toEqual(['#1 100..123 db0 SELECT', '#1 123..150 db0 SET'])
    expect(events.filter((e) => e.kind === 'resync')).toMatchObject([
      { channel: 'rdb', replid: ID, offset: 100, asked: { replid: NAMES.id2, offset: 1 } },
    ])
    expect(events.filter((e) => e.kind === 'anchor')).toMatchObject([{ by: 'rdb', offset: 100, held: 0 }])
    expect(events.filter((e) => e.kind === 'live')).toMatchObject([{ offset: 150, buffered: 50 }])
    const [link] = [...totals.links.values()]
    expect(link).toMatchObject({
      role: 'replica',
      replica: '10.0.0.1:1',
      state: 'streaming',
      full: 1,
      partial: 0,
    })
    expect(link?.syncs).toMatchObject([{ mode: 'full', outcome: 'done', bytes: 3, offset: 100 }])
  })

  it('keeps what the main connection brings until the rdb connection has told the offset', () => {
    const { connect, commands, events } = openBook()
    const main = connect('10.0.0.1:1')
    redisMain(main, 7000, 6)
    const rdb = connect('10.0.0.1:2')
    redisRdb(rdb, 7000, 6)
    main.gets('SELECT 3')
    main.gets('SET k v')
    expect(commands()).toEqual([])
    rdb.hears(`+FULLRESYNC ${ID} 100\r\n`)
    expect(commands()).toEqual(['#1 100..123 db3 SELECT', '#1 123..150 db3 SET'])
    expect(events.filter((e) => e.kind === 'anchor')).toMatchObject([{ by: 'rdb', offset: 100, held: 2 }])
  })

  it('of Valkey is one link and one sync', () => {
    const { connect, opened, commands, totals, events } = openBook()
    const main = connect('10.0.0.1:1')
    valkeyMain(main, 7000)
    const rdb = connect('10.0.0.1:2')
    valkeyRdb(rdb, 7000)
    rdb.hears(`\n$ENDOFF:14 ${ID} 3 5\r\n`)
    valkeyGoesOn(main, 14, 5)
    main.gets('SET k v')
    rdb.hears(snapshot)
    rdb.ends('master')
    main.says('REPLCONF ACK 41')
    expect(opened()).toEqual(['1 replica main', '1 replica rdb'])
    expect(commands()).toEqual(['#1 14..41 db? SET'])
    expect(events.filter((e) => e.kind === 'resync')).toMatchObject([
      { mode: 'full', offset: 14, channel: 'rdb' },
    ])
    expect(totals.links.get(1)).toMatchObject({ full: 1, partial: 0, offset: 41, state: 'streaming' })
  })

  it('is aborted with either connection, and tried again in the same link', () => {
    const { connect, opened, totals } = openBook()
    for (const first of ['main', 'rdb'] as const) {
      const main = connect('10.0.0.1:1')
      redisMain(main, 7000, 6)
      const rdb = connect('10.0.0.1:2')
      redisRdb(rdb, 7000, 6)
      rdb.hears(`+FULLRESYNC ${ID} 100\r\n$EOF:${MARK}\r\nab`)
      for (const gone of first === 'main' ? [main, rdb] : [rdb, main]) gone.ends()
    }
    const main = connect('10.0.0.1:3')
    main.says('REPLCONF listening-port 7000', 'PSYNC ? -1')
    main.hears(`+OK\r\n+FULLRESYNC ${ID} 200\r\n$3\r\nabc`)
    expect(opened().map((line) => line[0])).toEqual(['1', '1', '1', '1', '1'])
    const outcomes = totals.links.get(1)?.syncs.map((sync) => sync.outcome)
    expect(outcomes).toEqual(['aborted', 'aborted', 'done'])
  })
})

describe('connections that are not one sync', () => {
  it('are told apart by client ids, also at one address, with clients among them', () => {
    const { connect, opened, commands } = openBook()
    const mains = [7000, 7000, 7001].map((port, i) => {
      const main = connect(`10.0.0.1:${i}`)
      redisMain(main, port, 10 + i)
      return main
    })
    const client = connect('10.0.0.1:77')
    client.says('GET k')
    const rdbs = [12, 10, 11].map((clientId) => {
      const rdb = connect(`10.0.0.1:2${clientId}`)
      redisRdb(rdb, clientId === 12 ? 7001 : 7000, clientId)
      rdb.hears(`+FULLRESYNC ${ID} ${clientId * 100}\r\n`)
      return rdb
    })
    for (const main of mains) main.gets('SET k v')
    for (const rdb of rdbs) rdb.hears(snapshot)
    expect(opened()).toEqual([
      '1 replica main',
      '2 replica main',
      '3 replica main',
      '4 client main',
      '3 replica rdb',
      '1 replica rdb',
      '2 replica rdb',
    ])
    expect(commands()).toEqual(['#1 1000..1027 db? SET', '#2 1100..1127 db? SET', '#3 1200..1227 db? SET'])
  })

  it('wait for Valkey’s ids where two announce the same port', () => {
    const { connect, opened } = openBook()
    const mains = [1, 2].map((i) => connect(`10.0.0.1:${i}`))
    for (const main of mains) valkeyMain(main, 7000)
    const rdb = connect('10.0.0.1:3')
    valkeyRdb(rdb, 7000)
    rdb.hears(`$ENDOFF:14 ${ID} 0 5\r\n${snapshot}`)
    expect(opened()).toEqual(['1 replica main', '2 replica main'])
    valkeyGoesOn(mains[1]!, 14, 5)
    expect(opened()).toEqual(['1 replica main', '2 replica main', '2 replica rdb'])
  })

  it('have the same client id, but not the same master', () => {
    const { connect, opened } = openBook()
    redisMain(connect('10.0.0.1:1', { master: '10.0.0.8:6379' }), 7000, 6)
    redisMain(connect('10.0.0.1:2'), 7001, 6)
    redisRdb(connect('10.0.0.1:3'), 7001, 6)
    expect(opened()).toEqual(['1 replica main', '2 replica main', '2 replica rdb'])
  })

  it('are a replica without a port, and one that waits for its snapshot on the same connection', () => {
    const { connect, opened } = openBook()
    const waiting = connect('10.0.0.1:1')
    waiting.says('REPLCONF listening-port 7000', 'PSYNC ? -1')
    waiting.hears('+OK\r\n')
    const other = connect('10.0.0.1:2')
    other.misses('replica', 50)
    other.hears(`+FULLRESYNC ${ID} 100\r\n`)
    expect(opened()).toEqual(['1 replica main', '2 replica main'])
  })
})

describe('where one of the two was not seen whole', () => {
  it('a snapshot whose main connection was never seen has a link of its own', () => {
    const { connect, opened, totals } = openBook()
    const rdb = connect('10.0.0.1:2')
    redisRdb(rdb, 7000, 6)
    rdb.hears(`+FULLRESYNC ${ID} 100\r\n${snapshot}`)
    rdb.ends()
    expect(opened()).toEqual(['1 snapshot-channel rdb'])
    expect(totals.links.get(1)).toMatchObject({ full: 1, state: 'lost' })
  })

  it('a main connection seen from its middle on joins its rdb connection, known by the offset', () => {
    const { connect, opened, commands } = openBook()
    const main = connect('10.0.0.1:1', { begin: 'middle' })
    const rdb = connect('10.0.0.1:2')
    redisRdb(rdb, 7000, 6)
    rdb.hears(`+FULLRESYNC ${ID} 100\r\n${snapshot}`)
    rdb.ends()
    main.says('REPLCONF ACK 100', 'REPLCONF ACK 100')
    main.gets('SET k v')
    expect(opened()).toEqual(['1 snapshot-channel rdb', '1 replica main'])
    expect(commands()).toEqual(['#1 100..127 db? SET'])
  })

  it('an rdb connection whose words were lost joins the only one that waits for it', () => {
    const { connect, opened, commands } = openBook()
    const main = connect('10.0.0.1:1')
    redisMain(main, 7000, 6)
    const rdb = connect('10.0.0.1:2')
    rdb.misses('replica', 120)
    rdb.says('PSYNC ? -1')
    rdb.hears(`+OK\r\n+FULLRESYNC ${ID} 100\r\n${snapshot}`)
    main.gets('SET k v')
    expect(opened()).toEqual(['1 replica main', '1 replica rdb'])
    expect(commands()).toEqual(['#1 100..127 db? SET'])
  })

  // In a capture a lost packet keeps back those behind it, of its own connection only.
  it.each([
    ['Redis', redisMain, redisRdb, `+FULLRESYNC ${ID} 100\r\n`],
    ['Valkey', valkeyMain, valkeyRdb, `$ENDOFF:100 ${ID} -1 6\r\n`],
  ] as const)('of %s whose rdb connection is seen first', (flavour, saysMain, saysRdb, announced) => {
    const { connect, opened, commands } = openBook()
    const main = connect('10.0.0.1:1')
    const rdb = connect('10.0.0.1:2')
    saysRdb(rdb, 7000, 6)
    rdb.hears(announced)
    saysMain(main, 7000, 6)
    if (flavour === 'Valkey') valkeyGoesOn(main, 100, 6)
    main.gets('SET k v')
    expect(opened()).toEqual(['1 snapshot-channel rdb', '1 replica main'])
    expect(commands()).toEqual(['#1 100..127 db? SET'])
  })

  it('whose rdb connection is seen first, and no port of the main connection: the client id tells', () => {
    const { connect, opened, commands } = openBook()
    const main = connect('10.0.0.1:1')
    const rdb = connect('10.0.0.1:2')
    redisRdb(rdb, 7000, 6)
    rdb.hears(`+FULLRESYNC ${ID} 100\r\n`)
    main.misses('replica', 40)
    main.says('PSYNC ? -1')
    main.hears('+RDBCHANNELSYNC 6\r\n')
    main.gets('SET k v')
    expect(opened()).toEqual(['1 snapshot-channel rdb', '1 replica main'])
    expect(commands()).toEqual(['#1 100..127 db? SET'])
  })

  it('whose rdb connection is seen before the main one has asked', () => {
    const { connect, opened, commands } = openBook()
    const main = connect('10.0.0.1:1')
    main.says('PING', 'REPLCONF listening-port 7000')
    const rdb = connect('10.0.0.1:2')
    redisRdb(rdb, 7000, 6)
    rdb.hears(`+FULLRESYNC ${ID} 100\r\n`)
    main.says('PSYNC ? -1')
    main.hears('+PONG\r\n+OK\r\n+RDBCHANNELSYNC 6\r\n')
    main.gets('SET k v')
    expect(opened()).toEqual(['1 replica main', '1 replica rdb'])
    expect(commands()).toEqual(['#1 100..127 db? SET'])
  })

  it('whose rdb connection says more only after all of the main one', () => {
    const { connect, opened, events } = openBook()
    const main = connect('10.0.0.1:1')
    const rdb = connect('10.0.0.1:2')
    valkeyRdb(rdb, 7000)
    valkeyMain(main, 7000)
    valkeyGoesOn(main, 100, 6)
    rdb.misses('master', 61)
    rdb.hears(snapshot)
    rdb.ends()
    expect(events.filter((e) => e.kind === 'closed')).toMatchObject([{ conn: 2, link: 1 }])
    expect(opened()).toEqual(['1 replica main', '1 replica rdb'])
  })

  it('an rdb connection seen first is nobody else’s: not of another port, nor of who came later', () => {
    const { connect, opened } = openBook()
    const other = connect('10.0.0.1:3')
    const rdb = connect('10.0.0.1:2')
    redisRdb(rdb, 7000, 6)
    rdb.hears(`+FULLRESYNC ${ID} 100\r\n`)
    redisMain(other, 7001, 7)
    const later = connect('10.0.0.1:4')
    redisMain(later, 7000, 8)
    expect(opened()).toEqual(['1 snapshot-channel rdb', '2 replica main', '3 replica main'])
  })

  it('a main connection whose PSYNC was lost: the answer tells that the stream follows', () => {
    const { connect, opened, commands, faults } = openBook()
    const main = connect('10.0.0.1:1')
    main.says('PING', 'REPLCONF listening-port 7000')
    main.hears('+PONG\r\n+OK\r\n')
    main.misses('replica', 30)
    main.hears('+RDBCHANNELSYNC 6\r\n')
    const rdb = connect('10.0.0.1:2')
    redisRdb(rdb, 7000, 6)
    rdb.hears(`+FULLRESYNC ${ID} 100\r\n`)
    main.gets('SET k v')
    expect(opened()).toEqual(['1 replica main', '1 replica rdb'])
    expect(commands()).toEqual(['#1 100..127 db? SET'])
    expect(faults()).toEqual([])
  })

  it('a main connection that lost the answer to its PSYNC is joined by the port both announce', () => {
    const { connect, opened, commands, faults } = openBook()
    const main = connect('10.0.0.1:1')
    main.says('PING', 'REPLCONF listening-port 7000', 'PSYNC ? -1')
    main.hears('+PONG\r\n+OK\r\n')
    main.misses('master', 19)
    const rdb = connect('10.0.0.1:2')
    redisRdb(rdb, 7000, 6)
    rdb.hears(`+FULLRESYNC ${ID} 100\r\n${snapshot}`)
    main.says('REPLCONF ACK 100')
    main.gets('SET k v')
    main.says('REPLCONF ACK 127', 'REPLCONF ACK 127')
    expect(opened()).toEqual(['1 replica main', '1 replica rdb'])
    expect(commands()).toEqual(['#1 100..127 db? SET'])
    expect(faults()).toEqual([])
  })

  it('without its rdb connection, ACKs tell the offsets', () => {
    const { connect, opened, commands } = openBook()
    const main = connect('10.0.0.1:1')
    redisMain(main, 7000, 6)
    main.gets('SET k v')
    main.says('REPLCONF ACK 100', 'REPLCONF ACK 127', 'REPLCONF ACK 127')
    expect(opened()).toEqual(['1 replica main'])
    expect(commands()).toEqual(['#1 100..127 db? SET'])
  })
})

const twoConnections = transcripts().filter(({ name }) => /channel/.test(name))

describe.each(twoConnections.map((t) => [t.name, t] as const))('%s', (_, transcript) => {
  const whole = eventsOf(transcript)

  it('is one link with one full sync, up to the offset of the master', () => {
    const links = new Set(whole.filter((e) => e.kind === 'opened' && e.role === 'replica').map((e) => e.link))
    expect([...links]).toEqual([1])
    expect(whole.flatMap((e) => (e.kind === 'resync' ? [e.mode] : []))).toEqual(['full', 'partial'])
    const ends = whole.flatMap((e) => ('end' in e && e.end !== undefined ? [e.end] : []))
    expect(ends.at(-1)).toBe(Number(transcript.final_master_info.master_repl_offset))
    expect(whole.filter((e) => e.kind === 'live')).toHaveLength(1)
  })

  it('is understood alike however its two connections are interleaved', () => {
    const expected = perConnection(whole)
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), (seed) => {
        const events = eventsOf({ ...transcript, events: interleaved(transcript, mulberry32(seed)) })
        expect(events.filter((e) => e.kind === 'fault')).toEqual([])
        expect(perConnection(events)).toEqual(expected)
      }),
      { numRuns: 60 },
    )
  })
})

/** What does not depend on when the other connection spoke. */
function perConnection(events: readonly ReplEvent[]): Record<string, unknown[]> {
  const told: Record<string, unknown[]> = {}
  for (const event of events) {
    if (event.kind === 'snapshot-slice' || event.kind === 'tally') continue
    const { at, ms, lagMs, held, connection, ...rest } = jsonEvent(event)!
    const key = String(connection)
    told[key] = [
      ...(told[key] ?? []),
      event.kind === 'anchor' ? { kind: 'anchor', offset: rest.offset } : rest,
    ]
  }
  return told
}

/**
 * The same chunks in another order: each connection keeps its own, and nothing comes before its cause. What one
 * connection says because of the other is listed as [text on one, text on the other that must be before].
 */
function interleaved(transcript: Transcript, random: () => number): Transcript['events'] {
  const before: readonly (readonly [RegExp, RegExp])[] = [
    [/^event 2 .*connected/, /CHANNELSYNC/],
    [/set-rdb-client-id/, /\$ENDOFF/],
    [/\$3\r\nACK/, /REDIS00|VALKEY0/],
    [/SELECT|^event 1 eof/, /FULLRESYNC|ENDOFF/],
  ]
  const text = (e: Transcript['events'][number]) =>
    e.hex === undefined ? `event ${e.conn} ${e.event}` : Buffer.from(e.hex, 'hex').toString('latin1')
  const own = (conn: number) => transcript.events.filter((e) => e.conn === conn)
  const queues = [own(1), own(2)]
  const rest = transcript.events.filter((e) => e.conn > 2)
  const all = [...queues[0]!, ...queues[1]!]
  const said: string[] = []
  const result: Transcript['events'] = []
  while (queues.some((queue) => queue.length > 0)) {
    const ready = queues.filter(
      ([next]) =>
        next !== undefined &&
        before.every(
          ([what, cause]) =>
            !what.test(text(next)) ||
            !all.some((e) => cause.test(text(e))) ||
            said.some((t) => cause.test(t)),
        ),
    )
    const queue = ready[Math.floor(random() * ready.length)]!
    const next = queue.shift()!
    said.push(text(next))
    result.push({ ...next, t: result.length * 0.001 })
  }
  return [...result, ...rest.map((e) => ({ ...e, t: e.t + 1 }))]
}
