/** What `--extract` writes: whole transactions, whole commands, nothing of the link itself; and says where something is missing. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { fromText } from '../../src/bytes/byte-string.ts'
import { encodeCommand } from '../../src/codec/resp/encode.ts'
import { LinkBook } from '../../src/replication/link-book.ts'
import { type ExtractedFile, Extraction } from '../../src/sink/extraction.ts'
import { eventsOf, transcripts } from '../support/transcripts.ts'

const ID = 'e7'.repeat(20)
const RDB = readFileSync(new URL('../../fixtures/rdb/redis-7.0.15-lru.rdb', import.meta.url))
const MARK = 'b1'.repeat(20)
const c = (text: string) => encodeCommand(text.split(' ').map(fromText))

type Step = { side?: 'master' | 'replica'; bytes: Buffer } | { gap: number }

/** The files that a session leaves, by name. */
function extracted(steps: readonly Step[], { cut = 0, ends = true } = {}): Record<string, Buffer> {
  const files: Record<string, Buffer> = {}
  const extraction = new Extraction({ create: (name) => new MemoryFile(name, files) })
  const book = new LinkBook({ emit: (event) => extraction.event(event) })
  const listener = extraction.around(book.open('10.0.0.1:5', '10.0.0.2:6379', 1))
  for (const step of steps) {
    if ('gap' in step) listener.gap('master', step.gap, 2)
    else {
      const size = cut || step.bytes.length
      for (let at = 0; at < step.bytes.length; at += size) {
        const borrowed = Buffer.from(step.bytes.subarray(at, at + size))
        listener.push(step.side ?? 'master', borrowed, 2)
        borrowed.fill(0xdb)
      }
    }
  }
  if (ends) listener.end('master', 'fin', 3)
  extraction.end()
  return files
}

class MemoryFile implements ExtractedFile {
  #bytes = Buffer.alloc(0)
  readonly #parts: Buffer[] = []
  readonly #name: string
  readonly #files: Record<string, Buffer>

  constructor(name: string, files: Record<string, Buffer>) {
    this.#name = name
    this.#files = files
    files[name] = this.#bytes
  }

  get length(): number {
    return this.#parts.reduce((sum, part) => sum + part.length, 0)
  }

  write(bytes: Buffer): void {
    this.#parts.push(Buffer.from(bytes))
  }

  truncate(length: number): void {
    const whole = Buffer.concat(this.#parts).subarray(0, length)
    this.#parts.splice(0, this.#parts.length, whole)
  }

  close(name: string): void {
    delete this.#files[this.#name]
    this.#files[name] = Buffer.concat(this.#parts)
  }
}

const handshake: Step[] = [{ side: 'replica', bytes: c('PSYNC ? -1') }]
const full = (rest: Buffer): Step => ({
  bytes: Buffer.concat([Buffer.from(`+FULLRESYNC ${ID} 100\r\n$${RDB.length}\r\n`), RDB, rest]),
})
const texts = (files: Record<string, Buffer>) =>
  Object.fromEntries(
    Object.entries(files).map(([name, bytes]) => [name, bytes.equals(RDB) ? 'RDB' : String(bytes)]),
  )

describe('a full sync', () => {
  const stream = [
    c('SELECT 2'),
    c('SET a 1'),
    c('PING'),
    c('REPLCONF GETACK *'),
    c('MULTI'),
    c('INCR n'),
    c('EXEC'),
  ]
  const data = [c('SELECT 2'), c('SET a 1'), c('MULTI'), c('INCR n'), c('EXEC')]
  const length = Buffer.concat(stream).length

  it.each([0, 1, 7, 100])(
    'leaves the snapshot and the commands, without PING and GETACK; cut every %i',
    (cut) => {
      expect(texts(extracted([...handshake, full(Buffer.concat(stream))], { cut }))).toEqual({
        [`link1-sync1-${ID}-100.rdb`]: 'RDB',
        [`link1-sync1-${ID}-100-${100 + length}.resp`]: String(Buffer.concat(data)),
      })
    },
  )

  it('with a mark leaves the snapshot without it', () => {
    const bytes = Buffer.concat([
      Buffer.from(`+FULLRESYNC ${ID} 0\r\n$EOF:${MARK}\r\n`),
      RDB,
      Buffer.from(MARK),
      c('SELECT 0'),
    ])
    expect(texts(extracted([...handshake, { bytes }]))[`link1-sync1-${ID}-0.rdb`]).toBe('RDB')
  })

  it('begins with a SELECT where the stream has none', () => {
    const files = extracted([...handshake, full(c('SET a 1'))])
    expect(String(Object.values(files)[1])).toBe(String(Buffer.concat([c('SELECT 0'), c('SET a 1')])))
  })

  it('leaves out a transaction and a command that are not whole', () => {
    const open = Buffer.concat([c('SELECT 0'), c('SET a 1'), c('MULTI'), c('INCR n')])
    const files = extracted([...handshake, full(open)])
    const end = 100 + c('SELECT 0').length + c('SET a 1').length
    expect(texts(files)[`link1-sync1-${ID}-100-${end}.resp`]).toBe(
      String(Buffer.concat([c('SELECT 0'), c('SET a 1')])),
    )
    const half = extracted([...handshake, full(Buffer.concat([c('SELECT 0'), c('SET a 1').subarray(0, 12)]))])
    expect(Object.values(texts(half))).toContain(String(c('SELECT 0')))
  })

  it('writes values longer than anything is kept, and takes back what never ends', () => {
    const large = encodeCommand([fromText('SET'), fromText('k'), fromText('v'.repeat(9_000_000))])
    const stream = Buffer.concat([c('SELECT 0'), c('PING'), large, c('PING'), c('INCR n')])
    const [, resp] = Object.values(extracted([...handshake, full(stream)], { cut: 65_536 }))
    expect(resp?.equals(Buffer.concat([c('SELECT 0'), large, c('INCR n')]))).toBe(true)
    const [, cut] = Object.values(
      extracted([...handshake, full(stream.subarray(0, 8_000_000))], { cut: 65_536 }),
    )
    expect(String(cut)).toBe(String(c('SELECT 0')))
  })

  it('that is not whole is named so', () => {
    const whole = full(Buffer.alloc(0)) as { bytes: Buffer }
    const cut = extracted([...handshake, { bytes: whole.bytes.subarray(0, whole.bytes.length - 50) }])
    expect(Object.keys(cut)).toEqual([`link1-sync1-${ID}-100.partial.rdb`])
    expect(Object.values(cut)[0]?.equals(RDB.subarray(0, -50))).toBe(true)
  })

  it('with a hole in its stream leaves what is before it, and apart from that what is behind it', () => {
    const before = Buffer.concat([c('SELECT 0'), c('SET a 1')])
    const after = Buffer.concat([c('SET b 2'), c('SET c 3')])
    const files = texts(extracted([...handshake, full(before), { gap: 40 }, { bytes: after }]))
    const hole = 100 + before.length
    expect(files[`link1-sync1-${ID}-100-${hole}.resp`]).toBe(String(before))
    expect(files[`link1-sync1-${ID}-${hole + 40}-${hole + 40 + after.length}.partial.resp`]).toBe(
      String(after),
    )
  })

  it('with a hole in its snapshot leaves a partial one, up to the hole', () => {
    const head = Buffer.concat([
      Buffer.from(`+FULLRESYNC ${ID} 100\r\n$${RDB.length}\r\n`),
      RDB.subarray(0, 60),
    ])
    const files = extracted([
      ...handshake,
      { bytes: head },
      { gap: 10 },
      { bytes: Buffer.concat([RDB.subarray(70), c('SELECT 0')]) },
    ])
    expect(files[`link1-sync1-${ID}-100.partial.rdb`]?.equals(RDB.subarray(0, 60))).toBe(true)
  })
})

describe('a sync over two connections', () => {
  const two = transcripts().filter(({ name }) => /channel$/.test(name))

  it.each(two.map((t) => [t.name, t] as const))(
    '%s leaves one snapshot and one stream, both whole',
    (_, transcript) => {
      const files: Record<string, Buffer> = {}
      const extraction = new Extraction({ create: (name) => new MemoryFile(name, files) })
      eventsOf(transcript, undefined, { emit: (event) => extraction.event(event) }, (listener) =>
        extraction.around(listener),
      )
      extraction.end()
      const names = Object.keys(files).map((name) => name.replace(/[0-9a-f]{40}/, 'ID'))
      expect(names.slice(0, 2)).toEqual([
        expect.stringMatching(/^link1-sync1-ID-\d+\.rdb$/),
        expect.stringMatching(/^link1-sync1-ID-\d+-\d+\.resp$/),
      ])
      expect(names.filter((name) => name.includes('partial'))).toEqual([])
    },
  )
})

describe('a partial resync', () => {
  it('leaves the stream that goes on, under a number of its own', () => {
    const files = extracted([
      { side: 'replica', bytes: c(`PSYNC ${ID} 501`) },
      { bytes: Buffer.concat([Buffer.from(`+CONTINUE ${ID}\r\n`), c('SELECT 1'), c('SET a 1')]) },
    ])
    const size = c('SELECT 1').length + c('SET a 1').length
    expect(texts(files)).toEqual({
      [`link1-sync1-${ID}-500-${500 + size}.resp`]: String(Buffer.concat([c('SELECT 1'), c('SET a 1')])),
    })
  })
})
