import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ByteString } from '../../src/bytes/byte-string.ts'
import { encodeCommand } from '../../src/codec/resp/encode.ts'
import { CapaStripper, STRIPPABLE, type Strip } from '../../src/replication/capa-stripper.ts'
import { Conversation } from '../../src/replication/conversation.ts'
import type { ReplEvent } from '../../src/replication/events.ts'
import { describe as lineOf } from '../../src/sink/describe.ts'
import { decodeEverySplit, randomChunks } from '../support/every-split.ts'
import { kept } from '../support/transcripts.ts'

const resp = (...lines: string[]) =>
  Buffer.concat(lines.map((line) => encodeCommand(line.split(' ') as ByteString[])))
const bytes = (text: string) => Buffer.from(text, 'latin1')

/** What the master gets, under every split the same. */
function stripped(names: readonly string[], input: Buffer): string {
  const given = decodeEverySplit<string>(
    (emit) => {
      let out = ''
      const stripper = new CapaStripper(names, () => {})
      return {
        push: (chunk) => (out += stripper.push(chunk).toString('latin1')),
        end: () => emit(out + stripper.end().toString('latin1')),
      }
    },
    input,
    { truncations: false },
  )
  return given.join()
}

function strips(names: readonly string[], input: Buffer): Strip[] {
  const seen: Strip[] = []
  const stripper = new CapaStripper(names, (strip) => seen.push(strip))
  stripper.push(input)
  return seen
}

const same = (names: readonly string[], input: Buffer) =>
  expect(stripped(names, input)).toBe(input.toString('latin1'))

const EIGHT = 'REPLCONF capa eof capa psync2 capa rdb-channel-repl'

describe('stripping capabilities', () => {
  it('takes the named pairs out and leaves the others', () => {
    const input = resp('PING', 'REPLCONF listening-port 7000', EIGHT, 'PSYNC ? -1')
    expect(stripped(['rdb-channel-repl'], input)).toBe(
      String(resp('PING', 'REPLCONF listening-port 7000', 'REPLCONF capa eof capa psync2', 'PSYNC ? -1')),
    )
    const from = resp('PING', 'REPLCONF listening-port 7000').length
    expect(strips(['rdb-channel-repl', 'psync2'], input)).toEqual([
      {
        from,
        to: from + resp(EIGHT).length,
        capabilities: ['psync2', 'rdb-channel-repl'],
        sent: ['REPLCONF', 'capa', 'eof'],
      },
    ])
  })

  it('sends a request of which nothing is left: it has a reply to get', () => {
    const input = resp('REPLCONF capa eof capa psync2', 'PSYNC ? -1')
    expect(stripped(STRIPPABLE, input)).toBe(String(resp('REPLCONF', 'PSYNC ? -1')))
  })

  it('knows words in any case, inline commands and options beside capa', () => {
    expect(stripped(['eof'], resp('replConf CAPA Eof rdb-only 1 capa dump'))).toBe(
      String(resp('replConf rdb-only 1 capa dump')),
    )
    const inline = bytes('PING\r\nREPLCONF capa "eof" capa psync2 ip-address \'a b\'\nPSYNC ? -1\r\n')
    const left = encodeCommand(['REPLCONF', 'capa', 'psync2', 'ip-address', 'a b'] as ByteString[])
    expect(stripped(['eof'], inline)).toBe(`PING\r\n${left}PSYNC ? -1\r\n`)
  })

  it('takes dual-channel out with eof, which it needs', () => {
    const input = resp('REPLCONF capa eof capa psync2 capa dual-channel')
    expect(strips(['eof'], input)[0]!.capabilities).toEqual(['eof', 'dual-channel'])
    expect(strips(['psync2'], input)[0]!.capabilities).toEqual(['psync2'])
  })

  it('lets everything pass that is not named, and a pair that is none', () => {
    same([], resp(EIGHT))
    same(['dual-channel'], resp(EIGHT, 'REPLCONF', 'REPLCONF ip-address eof', 'SET capa eof'))
    same(['eof'], resp('REPLCONF capa eof capa'))
  })

  it('touches nothing behind PSYNC or SYNC', () => {
    for (const sync of [resp('PSYNC ? -1'), resp('psync ? -1'), bytes('SYNC\r\n')]) {
      same(STRIPPABLE, Buffer.concat([sync, resp(EIGHT)]))
    }
  })

  it('touches nothing behind what it does not understand', () => {
    for (const junk of ['*x\r\n', '*1\r\n:5\r\n', '"open\r\n', '*1\r\n$4\r\nPINGxx']) {
      const [all, before] = [Buffer.concat([resp(EIGHT), bytes(junk), resp(EIGHT)]), resp(EIGHT)]
      const rest = all.subarray(before.length).toString('latin1')
      expect(stripped(STRIPPABLE, all)).toBe(`${resp('REPLCONF')}${rest}`)
    }
  })

  it.each([
    ['a long command', encodeCommand(['SET', 'k', 'x'.repeat(5000)] as ByteString[])],
    ['an unfinished one', bytes(`*2\r\n$9999\r\n${'x'.repeat(5000)}`)],
    ['a line without end', bytes('x'.repeat(5000))],
  ])('holds no more than 4 KiB: %s ends it', (_, long) => {
    const input = Buffer.concat([resp('PING'), long, resp(EIGHT)])
    same(STRIPPABLE, input)
    const stripper = new CapaStripper(STRIPPABLE, () => {})
    let held = 0
    for (const chunk of randomChunks(input, 3)) {
      held += chunk.length - stripper.push(Buffer.from(chunk)).length
      expect(held).toBeLessThanOrEqual(4096)
    }
  })

  it('keeps nothing back at the end', () => {
    const cut = resp(EIGHT).subarray(0, 40)
    const stripper = new CapaStripper(STRIPPABLE, () => {})
    expect(stripper.push(cut)).toHaveLength(0)
    expect(stripper.end()).toEqual(cut)
    expect(stripper.push(bytes('more'))).toEqual(bytes('more'))
  })

  it('of any bytes: no error, nothing lost but the pairs', () => {
    const word = fc.constantFrom('REPLCONF', 'capa', 'eof', 'psync2', 'dual-channel', 'PING', 'version', '1')
    const said = fc.oneof(
      fc.array(word, { minLength: 1, maxLength: 7 }).map((words) => resp(words.join(' '))),
      fc.array(word, { minLength: 1, maxLength: 7 }).map((words) => bytes(`${words.join(' ')}\r\n`)),
      fc.uint8Array({ maxLength: 12 }).map((list) => Buffer.from(list)),
      fc.constantFrom('\n', '\r\n', '*0\r\n', '*-1\r\n').map(bytes),
    )
    fc.assert(
      fc.property(fc.array(said, { maxLength: 8 }), fc.integer({ min: 1, max: 50 }), (parts, seed) => {
        const input = Buffer.concat(parts)
        const seen: Strip[] = []
        const stripper = new CapaStripper(['eof', 'psync2'], (strip) => seen.push(strip))
        const chunks = randomChunks(input, seed).map((chunk) =>
          Buffer.from(stripper.push(Buffer.from(chunk))),
        )
        const out = Buffer.concat([...chunks, stripper.end()])
        let expected = Buffer.alloc(0)
        let at = 0
        for (const { from, to, sent } of seen) {
          expected = Buffer.concat([expected, input.subarray(at, from), encodeCommand(sent)])
          at = to
        }
        expect(out).toEqual(Buffer.concat([expected, input.subarray(at)]))
      }),
      { numRuns: 500 },
    )
  })
})

describe('a conversation whose requests are stripped', () => {
  it('tells what the replica said, and then what the master got, wherever it is cut', () => {
    const input = resp('PING', EIGHT, 'PSYNC ? -1')
    for (let seed = 1; seed <= 20; seed++) {
      const events: ReplEvent[] = []
      const conversation = new Conversation({ emit: (event) => events.push(kept(event)) })
      const stripper = new CapaStripper(['eof', 'rdb-channel-repl'], (strip) => conversation.stripped(strip))
      for (const chunk of randomChunks(input, seed)) {
        stripper.push(chunk)
        conversation.push('replica', chunk, 1)
      }
      expect(events.map((event) => `${event.from} ${lineOf(event)}`)).toEqual([
        '0 PING',
        `14 ${EIGHT}`,
        '14 stripped by us: eof, rdb-channel-repl; the master gets REPLCONF capa psync2',
        `${14 + resp(EIGHT).length} PSYNC ? -1`,
      ])
    }
  })
})
