/** Which connections are one link: replicas that come back, clients beside them, and those who say nothing. */
import { describe, expect, it } from 'vitest'
import type { Beginning } from '../../src/replication/conversation.ts'
import type { ReplEvent } from '../../src/replication/events.ts'
import { LinkBook } from '../../src/replication/link-book.ts'
import { heldBy } from '../support/memory.ts'
import { commandBytes, NAMES } from '../support/playbook.ts'
import { kept } from '../support/transcripts.ts'

const MASTER = '127.0.0.1:6379'

/** A book whose events are kept, and connections that are a line to write. */
function openBook() {
  const events: ReplEvent[] = []
  const book = new LinkBook({ emit: (event) => events.push(kept(event)) })
  let now = 1
  const connect = (address = '10.0.0.1:50000', begin: Beginning = 'handshake') => {
    const conversation = book.open(address, MASTER, now, begin)
    return {
      says: (...texts: string[]) => {
        for (const text of texts) conversation.push('replica', commandBytes(text), now)
      },
      hears: (text: string) => conversation.push('master', Buffer.from(text, 'latin1'), now),
      ends: () => conversation.end('replica', 'fin', now),
    }
  }
  const wait = (micros: number) => {
    now += micros
    book.tick(now)
  }
  /** `link role` of each connection that was told, in order. */
  const opened = () => events.flatMap((e) => (e.kind === 'opened' ? [`${e.link} ${e.role}`] : []))
  return { events, connect, wait, opened }
}

describe('a link', () => {
  it('goes on when its replica comes back, known by the port it announces', () => {
    const { connect, opened } = openBook()
    for (const port of [50_000, 50_001, 50_002]) {
      const replica = connect(`10.0.0.1:${port}`)
      replica.says('PING', 'REPLCONF listening-port 7000', 'PSYNC ? -1')
      replica.hears(`+PONG\r\n+OK\r\n+FULLRESYNC ${NAMES.id} 5\r\n`)
      replica.ends()
    }
    expect(opened()).toEqual(['1 replica', '1 replica', '1 replica'])
  })

  it('is another one for another port, another host, another announced address', () => {
    const { connect, opened } = openBook()
    connect('10.0.0.1:1').says('REPLCONF listening-port 7000')
    connect('10.0.0.1:2').says('REPLCONF listening-port 7001')
    connect('10.0.0.2:1').says('REPLCONF listening-port 7000')
    connect('[::1]:1').says('REPLCONF listening-port 7000')
    connect('unix:/a').says('REPLCONF listening-port 7000')
    connect('10.0.0.1:3').says('REPLCONF listening-port 7000 ip-address 10.9.9.9')
    connect('10.0.0.9:3').says('REPLCONF listening-port 7000 ip-address 10.9.9.9')
    expect(opened()).toEqual([
      '1 replica',
      '2 replica',
      '3 replica',
      '4 replica',
      '5 replica',
      '6 replica',
      '7 replica',
    ])
  })

  it('goes on without an announced port, known by the history that is asked for', () => {
    const { connect, opened } = openBook()
    const first = connect()
    first.says('PSYNC ? -1')
    first.hears(`+FULLRESYNC ${NAMES.id} 5\r\n`)
    const beside = connect()
    beside.says(`PSYNC ${NAMES.id} 6`)
    first.ends()
    const again = connect()
    again.says(`PSYNC ${NAMES.id} 6`)
    expect(opened()).toEqual(['1 replica', '2 replica', '1 replica'])
  })

  it('is not taken over by another host with the same history', () => {
    const { connect, opened } = openBook()
    const first = connect('10.0.0.1:1')
    first.says('PSYNC ? -1')
    first.hears(`+FULLRESYNC ${NAMES.id} 5\r\n`)
    first.ends()
    connect('10.0.0.2:1').says(`PSYNC ${NAMES.id} 6`)
    expect(opened()).toEqual(['1 replica', '2 replica'])
  })
})

describe('an ordinary client', () => {
  it('is one as soon as it says what no replica says', () => {
    const { connect, opened, events } = openBook()
    const client = connect()
    client.says('PING', 'HELLO 3')
    expect(events).toEqual([])
    client.says('GET k')
    expect(opened()).toEqual(['1 client'])
    expect(events.map((e) => e.kind)).toEqual(['opened', 'request', 'request', 'request'])
    expect(events.every((e) => e.link === 1)).toBe(true)
  })

  it('is one if it leaves without a word of replication', () => {
    const { connect, opened, events } = openBook()
    const silent = connect()
    silent.ends()
    const pings = connect()
    pings.says('PING')
    pings.ends()
    expect(opened()).toEqual(['1 client', '2 client'])
    expect(events.map((e) => e.kind)).toEqual(['opened', 'closed', 'opened', 'request', 'closed'])
  })
})

describe('who says nothing', () => {
  it('waits unseen, and is shown as unknown after 200 ms', () => {
    const { connect, wait, opened, events } = openBook()
    const silent = connect()
    wait(199_999)
    expect(events).toEqual([])
    wait(1)
    expect(opened()).toEqual(['1 unknown'])
    silent.says('REPLCONF listening-port 7000')
    expect(events.at(-1)).toMatchObject({ kind: 'request', link: 1 })
  })

  it('joins its link when it speaks after all', () => {
    const { connect, wait, events } = openBook()
    connect('10.0.0.1:1').says('REPLCONF listening-port 7000')
    wait(10_000_000)
    const late = connect('10.0.0.1:2')
    wait(300_000)
    late.says('REPLCONF listening-port 7000')
    expect(events.at(-1)).toMatchObject({ kind: 'request', link: 1, conn: 2 })
  })

  it('does not make others wait', () => {
    const { connect, opened } = openBook()
    connect()
    connect('10.0.0.2:1').says('GET k')
    expect(opened()).toEqual(['1 client'])
  })

  it('is shown when its side cannot be understood', () => {
    const { connect, opened, events } = openBook()
    connect().hears('?')
    expect(opened()).toEqual(['1 unknown'])
    expect(events.at(-1)).toMatchObject({ kind: 'fault', link: 1 })
  })

  it('may say PING without end', () => {
    const { connect, opened, events } = openBook()
    const client = connect()
    for (let i = 0; i < 100; i++) client.says('PING')
    expect(opened()).toEqual(['1 unknown'])
    expect(events.length).toBe(101)
  })
})

describe('a connection that is seen from its middle on', () => {
  const SET = '*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n'

  it('is a replica as soon as it acknowledges, and its commands get their offsets', () => {
    const { connect, opened, events } = openBook()
    const middle = connect('10.0.0.1:1', 'middle')
    middle.hears(`AAAAA\r\n${SET}`)
    expect(opened()).toEqual([])
    middle.says('REPLCONF ACK 127')
    middle.says('REPLCONF ACK 127')
    expect(opened()).toEqual(['1 replica'])
    expect(events.filter((e) => e.kind === 'command')).toMatchObject([
      { start: 100, end: 127, db: undefined },
    ])
  })

  it('is an ordinary client as soon as it asks something, and what was heard before is no stream', () => {
    const { connect, opened, events } = openBook()
    const middle = connect('10.0.0.1:1', 'middle')
    middle.hears(SET)
    middle.says('LRANGE l 0 -1')
    middle.hears('*1\r\n$1\r\na\r\n')
    expect(opened()).toEqual(['1 client'])
    expect(events.map((e) => e.kind)).toEqual(['opened', 'request', 'reply'])
    expect(events.at(-1)).toMatchObject({ answers: 'LRANGE' })
  })

  it('is no replica because somebody is sent messages', () => {
    const { connect, opened, wait } = openBook()
    const subscriber = connect('10.0.0.1:1', 'middle')
    for (let i = 0; i < 20; i++) {
      subscriber.hears('*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$5\r\nhello\r\n')
      wait(1_000_000)
    }
    expect(opened()).toEqual(['1 unknown'])
  })

  it('is a replica where its ACKs are not captured at all', () => {
    const { connect, opened, wait, events } = openBook()
    const middle = connect('10.0.0.1:1', 'middle')
    middle.hears(SET)
    wait(3_000_000)
    middle.hears(SET)
    wait(3_000_000)
    middle.hears(SET)
    expect(opened()).toEqual(['1 replica'])
    expect(events.filter((e) => e.kind === 'command')).toMatchObject([{}, {}, { start: undefined }])
  })

  it('goes on as the same link when its replica comes back with what it had', () => {
    const { connect, opened } = openBook()
    const middle = connect('10.0.0.1:1', 'middle')
    middle.hears(SET)
    middle.says('REPLCONF ACK 127', 'REPLCONF ACK 127')
    middle.ends()
    connect('10.0.0.1:2').says('REPLCONF listening-port 7001', `PSYNC ${NAMES.id} 99`)
    connect('10.0.0.1:3').says('REPLCONF listening-port 7000', `PSYNC ${NAMES.id} 128`)
    connect('10.0.0.2:4').says('REPLCONF listening-port 7000', `PSYNC ${NAMES.id} 128`)
    expect(opened()).toEqual(['1 replica', '2 replica', '1 replica', '3 replica'])
  })
})

describe('the book', () => {
  it('tells each connection in the order in which it spoke, and each event once', () => {
    const { connect, events } = openBook()
    const a = connect('10.0.0.1:1')
    const b = connect('10.0.0.2:1')
    a.says('PING')
    b.says('PING', 'REPLCONF listening-port 7000')
    a.hears('+PONG\r\n')
    b.hears('+PONG\r\n+OK\r\n')
    a.says('REPLCONF listening-port 7000', 'PSYNC ? -1')
    for (const conn of [1, 2]) {
      const own = events.filter((event) => event.conn === conn)
      for (const side of ['master', 'replica'] as const) {
        const positions = own.filter((e) => e.side === side).map((e) => e.from)
        expect(positions).toEqual([...positions].sort((x, y) => x - y))
      }
      expect(own[0]?.kind).toBe('opened')
    }
    expect(events.filter((e) => e.kind === 'request').map((e) => e.conn)).toEqual([2, 2, 1, 1, 1])
  })

  it('remembers a bounded number of replicas', () => {
    const grown = heldBy(() => {
      const book = new LinkBook({ emit: () => {} })
      for (let i = 0; i < 20_000; i++) {
        const conversation = book.open(`10.0.${i >> 8}.${i & 255}:1`, MASTER, i)
        conversation.push('replica', commandBytes('REPLCONF listening-port 7000'), i)
        conversation.end('replica', 'fin', i)
      }
      return book
    })
    expect(grown).toBeLessThan(2 * 1024 * 1024)
  })
})
