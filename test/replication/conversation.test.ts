/**
 * What holds for every conversation, whatever is said in it. Conversations that mean something are written down in
 * conversations/.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ByteString } from '../../src/bytes/byte-string.ts'
import { Conversation } from '../../src/replication/conversation.ts'
import type { ReplEvent, Side } from '../../src/replication/events.ts'
import { Histories } from '../../src/replication/histories.ts'
import { TRANSITIONS } from '../../src/replication/states.ts'
import { randomChunks } from '../support/every-split.ts'
import { heldBy } from '../support/memory.ts'
import { checkPositions, commandBytes, NAMES, play, rendered } from '../support/playbook.ts'
import { kept } from '../support/transcripts.ts'

const MB = 1024 * 1024
const ID = NAMES.id as ByteString
const ID2 = NAMES.id2 as ByteString

type Said = { readonly side: Side; readonly bytes: Buffer }

const replica = (text: string): Said => ({ side: 'replica', bytes: commandBytes(text) })
const master = (text: string): Said => ({ side: 'master', bytes: Buffer.from(text, 'latin1') })

function hear(said: readonly Said[], options: { snapshot?: 'frame' | 'keys' } = {}) {
  const events: ReplEvent[] = []
  const conversation = new Conversation({ ...options, emit: (event) => events.push(kept(event)) })
  let at = 1
  for (const { side, bytes } of said) conversation.push(side, bytes, at++)
  return { events, conversation }
}

/** Pieces of the protocol, whole and damaged, that random conversations are made of. */
const pieces: Said[] = [
  ...['PING', 'AUTH x', 'REPLCONF listening-port 1', 'REPLCONF capa eof', 'PSYNC ? -1'].map(replica),
  ...[`PSYNC ${ID} 101`, 'SYNC', 'REPLCONF ACK 5', 'REPLCONF ACK', 'REPLCONF GETACK *', 'GET k'].map(replica),
  { side: 'replica', bytes: Buffer.from('SYNC\r\n') },
  { side: 'replica', bytes: Buffer.from('\n') },
  ...['+PONG\r\n', '+OK\r\n', '-ERR no\r\n', '\n', '\r\n', '$3\r\nabc\r\n', '$3\r\nabc', '*0\r\n'].map(
    master,
  ),
  ...[`+FULLRESYNC ${ID} 100\r\n`, '+FULLRESYNC x\r\n', '+CONTINUE\r\n', `+CONTINUE ${ID2}\r\n`].map(master),
  ...['+RDBCHANNELSYNC 6\r\n', '+DUALCHANNELSYNC\r\n', `$ENDOFF:14 ${ID} -1 5\r\n`, '$0\r\n'].map(master),
  ...[`$EOF:${NAMES.mark}\r\nab`, NAMES.mark!, 'REDIS0011', '*1\r\n$4\r\nPING\r\n'].map(master),
  ...['SELECT 3', 'SET k v', 'MULTI', 'EXEC', 'REPLCONF GETACK *', 'SELECT x'].map((text) => ({
    side: 'master' as const,
    bytes: commandBytes(text),
  })),
  ...['>1\r\n+x\r\n', '%1\r\n+a\r\n:1\r\n', '*2147483647\r\n', '$999999999999\r\n', '*3\r\n$3\r\n'].map(
    master,
  ),
]

const side = fc.constantFrom<Side>('master', 'replica')
const noise = fc.record({ side, bytes: fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)) })
const piece = fc.constantFrom(...pieces)
const cutPiece = fc
  .tuple(piece, fc.nat(100))
  .map(([{ side, bytes }, size]) => ({ side, bytes: bytes.subarray(0, size) }))
const anything = fc.array(
  fc.oneof(
    { weight: 12, arbitrary: piece },
    { weight: 1, arbitrary: cutPiece },
    { weight: 1, arbitrary: noise },
  ),
  { maxLength: 40 },
)

describe('whatever both sides say', () => {
  it('does not throw, stays within the table of states, and keeps its positions in order', () => {
    fc.assert(
      fc.property(anything, (said) => {
        const { events, conversation } = hear(said)
        expect(Object.keys(TRANSITIONS)).toContain(conversation.state)
        checkPositions(events)
        const sent = (of: Side) => said.reduce((sum, s) => sum + (s.side === of ? s.bytes.length : 0), 0)
        for (const event of events) expect(event.to).toBeLessThanOrEqual(sent(event.side))
        const fatal = events.filter((event) => event.kind === 'fault' && event.fatal)
        expect(new Set(fatal.map((event) => event.side)).size, 'one fatal fault a side').toBe(fatal.length)
        conversation.end('replica', 'fin', 99)
        expect(conversation.state).toBe('closed')
      }),
      { numRuns: 1500 },
    )
  })

  it('says nothing more of a side that has gone opaque', () => {
    fc.assert(
      fc.property(anything, (said) => {
        const { events } = hear(said)
        for (const side of ['master', 'replica'] as const) {
          const own = events.filter((event) => event.side === side)
          const fault = own.findIndex((event) => event.kind === 'fault' && event.fatal)
          if (fault >= 0) expect(own.slice(fault + 1)).toEqual([])
        }
      }),
      { numRuns: 1000 },
    )
  })

  it('means the same however each side is cut', () => {
    fc.assert(
      fc.property(anything, fc.integer(), (said, seed) => {
        const turns: Said[] = []
        for (const { side, bytes } of said) {
          const last = turns.at(-1)
          if (last?.side === side)
            turns[turns.length - 1] = { side, bytes: Buffer.concat([last.bytes, bytes]) }
          else turns.push({ side, bytes })
        }
        const cut = turns.flatMap(({ side, bytes }, i) =>
          randomChunks(bytes, seed + i).map((chunk) => ({ side, bytes: chunk })),
        )
        // The n-th push comes at time n here, so times depend on the cut: what is said of them is left out.
        const told = (of: readonly Said[]) =>
          rendered(hear(of, { snapshot: 'frame' }).events).map((line) => line.replace(/,? [^ ]+ ms$/, ''))
        expect(told(cut)).toEqual(told(turns))
      }),
      { numRuns: 1000 },
    )
  })

  it.each<[string, Side, string, string]>([
    ['a line without end', 'master', '', 'x'.repeat(64)],
    ['an inline command without end', 'replica', '', 'x'.repeat(64)],
    ['newlines', 'master', '', '\n'],
    ['opening brackets', 'master', '', '*1\r\n'],
    ['a value of a terabyte', 'master', '$999999999999\r\n', 'x'],
    ['an argument of a terabyte', 'replica', '*2\r\n$3\r\nSET\r\n$999999999999\r\n', 'x'],
    ['two thousand million elements', 'master', '*2147483647\r\n', ':1\r\n'],
    ['two thousand million arguments', 'replica', '*2147483647\r\n', '$1\r\nx\r\n'],
    ['a snapshot without end', 'master', `+FULLRESYNC ${ID} 0\r\n$EOF:${NAMES.mark}\r\n`, 'x'],
    ['the beginning of the mark', 'master', `+FULLRESYNC ${ID} 0\r\n$EOF:${NAMES.mark}\r\n`, '5ffd'],
    ['a huge snapshot', 'master', `+FULLRESYNC ${ID} 0\r\n$99999999999\r\n`, 'x'],
    ['keep-alives', 'master', `+FULLRESYNC ${ID} 0\r\n`, '\n'],
    [
      'SELECTs',
      'master',
      '+CONTINUE\r\n',
      '*2\r\n$6\r\nSELECT\r\n$1\r\n1\r\n*2\r\n$6\r\nSELECT\r\n$1\r\n2\r\n',
    ],
    ['MULTIs', 'master', '+CONTINUE\r\n', '*1\r\n$5\r\nMULTI\r\n'],
    ['a command without end', 'master', '+CONTINUE\r\n*2\r\n$3\r\nSET\r\n$999999999999\r\n', 'x'],
    ['commands whose names are new', 'replica', '', '*1\r\n$8\r\nNAMEnnnn\r\n'],
  ])('holds no more memory after 5 MB of %s', (_, side, before, again) => {
    const chunk = Buffer.from(again.repeat(Math.ceil((64 * 1024) / again.length)), 'latin1')
    const grown = heldBy(() => {
      const conversation = new Conversation({ snapshot: 'frame', emit: () => {} })
      conversation.push('replica', commandBytes(`PSYNC ${ID} 101`), 1)
      conversation.push(side, Buffer.from(before, 'latin1'), 2)
      for (let sent = 0, at = 3; sent < 5 * MB; sent += chunk.length, at++) {
        // Names that differ: where the chunk says nnnn stands a number.
        if (again.includes('nnnn')) chunk.write(String(at).padStart(4, '0'), chunk.indexOf('NAME') + 4)
        conversation.push(side, chunk, at)
      }
      return conversation
    })
    // A replica's requests that wait for their replies are the one thing that may add up, at a word each.
    expect(grown).toBeLessThan(4 * MB)
  })
})

describe('a handshake', () => {
  const asked = ['PING', 'AUTH sekret', 'REPLCONF listening-port 7000', 'REPLCONF capa eof', 'PSYNC ? -1']
  const answered = ['+PONG\r\n', '+OK\r\n', '+OK\r\n', '+OK\r\n', `+FULLRESYNC ${ID} 5\r\n`]
  const perSide = (events: readonly ReplEvent[], side: Side) =>
    // A request tells the state, and that depends on what has been answered.
    rendered(events.filter((event) => event.side === side)).map((line) => line.replace(/ {2}-> .*/, ''))

  it('means the same in every order in which replies can come', () => {
    const inOrder = asked.flatMap((text, i) => [replica(text), master(answered[i]!)])
    const expected = hear(inOrder).events
    // How many requests are sent before each reply: a reply never comes before its request.
    const ahead = fc.array(fc.nat(5), { minLength: 5, maxLength: 5 })
    fc.assert(
      fc.property(ahead, (lead) => {
        const said: Said[] = []
        let sent = 0
        answered.forEach((reply, i) => {
          for (; sent < Math.min(5, i + 1 + lead[i]!); sent++) said.push(replica(asked[sent]!))
          said.push(master(reply))
        })
        const { events, conversation } = hear(said)
        expect(conversation.state).toBe('awaiting-snapshot')
        expect(perSide(events, 'master')).toEqual(perSide(expected, 'master'))
        expect(perSide(events, 'replica')).toEqual(perSide(expected, 'replica'))
      }),
    )
  })
})

describe('the offsets of a stream', () => {
  it('are the sum of its bytes, of which not one is left out', () => {
    const word = fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes).toString('latin1'))
    const command = fc.array(word, { minLength: 1, maxLength: 5 }).map((argv) => {
      const parts = argv.map((arg) => `$${arg.length}\r\n${arg}\r\n`)
      return `*${argv.length}\r\n${parts.join('')}`
    })
    const blank = fc.constantFrom('\n', '\r\n', '*0\r\n', '*-1\r\n')
    const common = fc.constantFrom('SELECT 2', 'PING', 'REPLCONF GETACK *', 'MULTI', 'EXEC', 'SET k v')
    const item = fc.oneof(
      command,
      blank,
      common.map((text) => commandBytes(text).toString('latin1')),
    )
    fc.assert(
      fc.property(fc.array(item, { maxLength: 30 }), fc.integer(), (items, seed) => {
        const bytes = Buffer.from(items.join(''), 'latin1')
        const chunks = randomChunks(bytes, seed).map((chunk) => ({ side: 'master' as const, bytes: chunk }))
        const { events } = hear([replica(`PSYNC ${ID} 1001`), master('+CONTINUE\r\n'), ...chunks])
        const stream = events.slice(2)
        expect(stream.length).toBe(items.length)
        let offset = 1000
        for (const event of stream) {
          if ('start' in event)
            expect([event.start, event.end]).toEqual([offset, offset + event.to - event.from])
          offset += event.to - event.from
        }
        expect(offset).toBe(1000 + bytes.length)
      }),
      { numRuns: 500 },
    )
  })

  it('are exact beyond four thousand million', () => {
    play(`
      > PSYNC {id} 9007199254740001
      = request PSYNC {id} 9007199254740001  -> awaiting-resync
      < +CONTINUE
      = resync partial {id} 9007199254740000, asked {id} 9007199254740001
      <* SET k v
      = command @9007199254740000..9007199254740027 db? SET k v
    `)
  })
})

describe('the database of a stream', () => {
  const converse = (histories: Histories, said: readonly Said[]) => {
    const dbs: (number | undefined)[] = []
    const conversation = new Conversation({
      histories,
      snapshot: 'frame',
      emit: (event) => event.kind === 'command' && dbs.push(event.db),
    })
    for (const { side, bytes } of said) conversation.push(side, bytes, 1)
    return dbs
  }
  const stream = (text: string): Said => ({ side: 'master', bytes: commandBytes(text) })

  it('is known to a replica that comes back, and to one that comes back to a promoted master', () => {
    const histories = new Histories()
    const first = [replica('PSYNC ? -1'), master(`+FULLRESYNC ${ID} 100\r\n$1\r\nx`)]
    expect(converse(histories, [...first, stream('SET k v'), stream('SELECT 7')])).toEqual([0, 7])
    const back = [replica(`PSYNC ${ID} 151`), master('+CONTINUE\r\n')]
    expect(converse(histories, [...back, stream('SET k v')])).toEqual([7])
    const before = [replica(`PSYNC ${ID} 150`), master('+CONTINUE\r\n')]
    expect(converse(histories, [...before, stream('SET k v')])).toEqual([undefined])
    const promoted = [replica(`PSYNC ${ID} 151`), master(`+CONTINUE ${ID2}\r\n`)]
    expect(converse(histories, [...promoted, stream('SET k v'), stream('SELECT 2')])).toEqual([7, 2])
    const after = [replica(`PSYNC ${ID2} 201`), master('+CONTINUE\r\n')]
    expect(converse(histories, [...after, stream('SET k v')])).toEqual([2])
  })
})

describe('a huge pipeline', () => {
  it('of requests is answered in order, and forgotten', () => {
    const names = ['GET', 'SET', 'DEL']
    const requests = Buffer.concat(names.map((name) => commandBytes(`${name} k`)))
    let answers = 0
    let wrong = 0
    const grown = heldBy(() => {
      const conversation = new Conversation({
        emit: (event) => {
          if (event.kind === 'reply' && event.answers !== names[answers++ % 3]) wrong++
        },
      })
      for (let i = 0; i < 100_000; i++) conversation.push('replica', requests, 1)
      const replies = Buffer.from('$-1\r\n'.repeat(3000))
      for (let i = 0; i < 100; i++) conversation.push('master', replies, 2)
      return conversation
    })
    expect([answers, wrong]).toEqual([300_000, 0])
    expect(grown).toBeLessThan(4 * MB)
  })
})

// Each of these was a defect once.
describe('mended:', () => {
  const pings = Buffer.concat(Array.from({ length: 4000 }, () => commandBytes('PING')))
  const heldAfterMillions = (first: Said) =>
    heldBy(() => {
      const conversation = new Conversation({ emit: () => {} })
      conversation.push(first.side, first.bytes, 1)
      for (let i = 0; i < 500; i++) conversation.push('replica', pings, 2)
      return conversation
    })

  it('requests that wait for a master gone opaque do not add up for ever', () => {
    expect(heldAfterMillions(master('!!!\r\n'))).toBeLessThan(8 * MB)
  })

  it('requests that get no replies (CLIENT REPLY OFF) do not add up for ever', () => {
    expect(heldAfterMillions(replica('CLIENT REPLY OFF'))).toBeLessThan(8 * MB)
  })

  it('CONTINUE in answer to PSYNC ? -1 gives no offset and no id', () => {
    const { events } = hear([replica('PSYNC ? -1'), master('+CONTINUE\r\n'), master('*1\r\n$4\r\nPING\r\n')])
    expect(events[1]).toMatchObject({ kind: 'resync', replid: undefined, offset: undefined })
    expect(events[2]).toMatchObject({ kind: 'ping', start: undefined })
  })

  const snapshotThenStream = [
    master('$3\r\nabc'),
    { side: 'master' as const, bytes: commandBytes('SET k v') },
  ]
  const isInSync = (said: readonly Said[]) =>
    expect(hear(said, { snapshot: 'frame' }).conversation.state).toBe('streaming')

  it('a reply that is seen just before its request leaves no request waiting', () => {
    isInSync([master('+PONG\r\n'), replica('PING'), replica('SYNC'), ...snapshotThenStream])
  })

  it('an error that answers PSYNC when SYNC was already seen is not taken for the answer to SYNC', () => {
    isInSync([replica('PSYNC ? -1'), replica('SYNC'), master('-ERR unknown\r\n'), ...snapshotThenStream])
  })
})
