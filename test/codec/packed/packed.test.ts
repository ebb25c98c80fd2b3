/** The four packed encodings: cursors over complete blobs and over pieces, and the checks that only count. */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Malformed, Resumable } from '../../../src/bytes/resumable.ts'
import {
  type BlobPlace,
  type ElementCursor,
  END,
  type Form,
  INTEGER,
  LONG,
  PackedWindow,
  PENDING,
  type Window,
} from '../../../src/codec/packed/cursor.ts'
import { checkIntset, IntsetCursor } from '../../../src/codec/packed/intset.ts'
import { checkListpack, ListpackCursor } from '../../../src/codec/packed/listpack.ts'
import { checkZiplist, ZiplistCursor } from '../../../src/codec/packed/ziplist.ts'
import { ZipmapCursor } from '../../../src/codec/packed/zipmap.ts'
import { longBytes } from '../../../src/codec/rdb/long-value.ts'
import { decodeEverySplit, type MakeDecoder } from '../../support/every-split.ts'

type Format = {
  open: (window: Window, place: BlobPlace, longest: number) => ElementCursor
  check?: (bytes: Buffer, start: number, place: BlobPlace) => number
}
const LISTPACK: Format = { open: (w, p, l) => new ListpackCursor(w, p, l), check: checkListpack }
const ZIPLIST: Format = { open: (w, p, l) => new ZiplistCursor(w, p, l), check: checkZiplist }
const INTSET: Format = { open: (w, p) => new IntsetCursor(w, p), check: checkIntset }
const ZIPMAP: Format = { open: (w, p, l) => new ZipmapCursor(w, p, l) }

function* collect(cursor: ElementCursor, found: string[]): Generator<void, void, void> {
  let form: Form
  for (;;) {
    while ((form = cursor.next()) === PENDING) yield
    if (form === END) return
    if (form === INTEGER) found.push(String(cursor.integer))
    else if (form === LONG) {
      const blocks: Buffer[] = []
      yield* longBytes(cursor, (block) => blocks.push(Buffer.from(block)))
      found.push(Buffer.concat(blocks).toString('latin1'))
    } else found.push(cursor.bytes.toString('latin1', cursor.start, cursor.end))
  }
}

/** Elements of a complete blob, or the fault's text; three bytes lie before it and after it. */
function whole(format: Format, blob: Buffer, longest = 64): string[] | string {
  const bytes = Buffer.concat([Buffer.from('abc'), blob, Buffer.from('xyz')])
  const place = { size: blob.length, position: 1000, isCompressed: false }
  const found: string[] = []
  try {
    const done = collect(format.open(new PackedWindow(bytes, 3, place), place, longest), found).next().done
    expect(done).toBe(true)
    return found
  } catch (error) {
    if (!(error instanceof Malformed)) throw error
    expect(error.position).toBeGreaterThanOrEqual(1000)
    expect(error.position).toBeLessThanOrEqual(1000 + blob.length)
    return error.message
  }
}

function inPieces(format: Format, size: number, longest: number): MakeDecoder<string[] | string> {
  return (emit) => {
    const found: string[] = []
    return new Resumable(
      function* (src) {
        yield* collect(format.open(src, { size, position: 1000, isCompressed: false }, longest), found)
        emit(found)
      },
      (fault) => emit(fault.code === 'RDB_BAD_PACKED' ? fault.detail : fault.code),
    )
  }
}

/** What the checker counts, or undefined where it finds damage. */
function counted(format: Format, blob: Buffer): number | undefined {
  const bytes = Buffer.concat([Buffer.from('abc'), blob, Buffer.from('xyz')])
  try {
    return format.check!(bytes, 3, { size: blob.length, position: 0, isCompressed: false })
  } catch (error) {
    if (!(error instanceof Malformed)) throw error
    return undefined
  }
}

type Row = { element: string; ziplist: string; listpack: string }
const rows: Row[] = JSON.parse(
  readFileSync(new URL('../../../fixtures/rdb/packed-elements.json', import.meta.url), 'utf8'),
)

// Blobs of several elements: hash:ints of redis 6.0 and 8.6, set:intset of all, zipmap of legacy-v7.
const ZIPLIST_BLOB = Buffer.from(
  '2300000018000000060000f202fe6403f302f090eefe05f402e000f2052a01000000ff',
  'hex',
)
const LISTPACK_BLOB = Buffer.from('1e0000000600010164010201f290eefe040301f400f2052a0100000009ff', 'hex')
const INTSETS = [
  '0200000003000000fbff0100ff7f',
  '0400000003000000fbffffff0100000070110100',
  '0800000003000000fbffffffffffffff010000000000000000f2052a01000000',
].map((hex) => Buffer.from(hex, 'hex'))
const ZIPMAP_BLOB = Buffer.from('0203666f6f0300626172' + '0568656c6c6f0502776f726c640000' + 'ff', 'hex')

const samples: [string, Format, Buffer, string[]][] = [
  ['ziplist', ZIPLIST, ZIPLIST_BLOB, ['1', '100', '2', '-70000', '3', '5000000000']],
  ['listpack', LISTPACK, LISTPACK_BLOB, ['1', '100', '2', '-70000', '3', '5000000000']],
  ['intset of 16 bits', INTSET, INTSETS[0]!, ['-5', '1', '32767']],
  ['intset of 32 bits', INTSET, INTSETS[1]!, ['-5', '1', '70000']],
  ['intset of 64 bits', INTSET, INTSETS[2]!, ['-5', '1', '5000000000']],
  ['zipmap', ZIPMAP, ZIPMAP_BLOB, ['foo', 'bar', 'hello', 'world']],
]

describe('an element as servers pack it', () => {
  const isPattern = (row: Row) => /^\d+ × /.test(row.element)
  it.each(rows.filter((row) => !isPattern(row)))('%j', ({ element, ziplist, listpack }) => {
    expect(whole(ZIPLIST, Buffer.from(ziplist, 'hex'))).toEqual([element])
    expect(whole(LISTPACK, Buffer.from(listpack, 'hex'))).toEqual([element])
  })
})

describe.each(samples)('a %s', (_, format, blob, elements) => {
  it('has its elements, whole and in pieces', () => {
    expect(whole(format, blob)).toEqual(elements)
    for (const longest of [64, 2]) {
      const seen = decodeEverySplit(inPieces(format, blob.length, longest), blob, { truncations: false })
      expect(seen).toEqual([elements])
    }
    if (format.check !== undefined) expect(counted(format, blob)).toBe(elements.length)
  })

  it('is damaged when anything about it is wrong, and all readers agree', () => {
    for (let at = 0; at < blob.length; at++) {
      for (const change of [1, 2, 0x10, 0x40, 0x80, 0xff]) {
        const changed = Buffer.from(blob)
        changed[at]! ^= change
        agree(format, changed)
      }
    }
    for (let length = 0; length < blob.length; length++) {
      expect(typeof whole(format, blob.subarray(0, length))).toBe('string')
      agree(format, blob.subarray(0, length))
    }
    expect(typeof whole(format, Buffer.concat([blob, blob]))).toBe('string')
  })

  it('takes arbitrary bytes for what they are', () => {
    const damaged = fc.tuple(
      fc.array(fc.tuple(fc.nat(blob.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
      fc.uint8Array({ maxLength: 12 }),
    )
    fc.assert(
      fc.property(damaged, ([changes, tail]) => {
        const changed = Buffer.concat([blob, tail])
        for (const [at, byte] of changes) changed[at] = byte
        agree(format, changed)
      }),
      { numRuns: 400 },
    )
  })
})

function agree(format: Format, blob: Buffer): void {
  const found = whole(format, blob)
  const [streamed] = runPieces(format, blob)
  if (typeof found === 'string') expect(typeof streamed, blob.toString('hex')).toBe('string')
  else expect(streamed, blob.toString('hex')).toEqual(found)
  if (format.check === undefined) return
  expect(counted(format, blob), blob.toString('hex')).toBe(
    typeof found === 'string' ? undefined : found.length,
  )
}

function runPieces(format: Format, blob: Buffer): (string[] | string)[] {
  const seen: (string[] | string)[] = []
  const decoder = inPieces(format, blob.length, 2)((event) => seen.push(event))
  for (let at = 0; at < blob.length; at += 3) decoder.push(Buffer.from(blob.subarray(at, at + 3)))
  decoder.end()
  return seen
}

describe('sizes that need more than one byte', () => {
  it.each([0, 1, 63, 64, 124, 125, 126, 4095, 4096, 16377, 16378, 16379, 16384, 70_000])(
    'a listpack string of %i bytes',
    (length) => {
      const blob = listpackOf('x'.repeat(length))
      expect(whole(LISTPACK, blob, 100_000)).toEqual(['x'.repeat(length)])
      expect(whole(LISTPACK, blob, 10)).toEqual(['x'.repeat(length)])
      expect(counted(LISTPACK, blob)).toBe(1)
      const wrong = Buffer.from(blob)
      wrong[wrong.length - 2]! ^= 1
      agree(LISTPACK, wrong)
      expect(counted(LISTPACK, wrong)).toBeUndefined()
    },
  )

  it('a ziplist with large entries before small ones, as Redis 6.0 wrote it', () => {
    const entries = [
      Buffer.from('0040fd' + '78'.repeat(253), 'hex'),
      Buffer.from('fe000100000179', 'hex'),
      Buffer.from('0740fe' + '7a'.repeat(254), 'hex'),
      Buffer.from('fe010100000177', 'hex'),
    ]
    const header = Buffer.from('1a020000120200000400', 'hex')
    const blob = Buffer.concat([header, ...entries, Buffer.from('ff', 'hex')])
    expect(blob).toHaveLength(538)
    expect(whole(ZIPLIST, blob, 300)).toEqual(['x'.repeat(253), 'y', 'z'.repeat(254), 'w'])
    expect(decodeEverySplit(inPieces(ZIPLIST, 538, 100), blob, { truncations: false })).toEqual([
      ['x'.repeat(253), 'y', 'z'.repeat(254), 'w'],
    ])
    expect(counted(ZIPLIST, blob)).toBe(4)
  })
})

/** A listpack of one string, laid out as the format's description says. */
function listpackOf(text: string): Buffer {
  const n = text.length
  const head =
    n < 64
      ? [0x80 | n]
      : n < 4096
        ? [0xe0 | (n >> 8), n & 255]
        : [0xf0, n & 255, (n >> 8) & 255, (n >> 16) & 255, 0]
  const size = head.length + n
  const backlen = size < 128 ? [size] : size < 16383 ? [size >> 7, (size & 127) | 128] : backlenOf3(size)
  const total = 6 + size + backlen.length + 1
  const header = Buffer.alloc(6)
  header.writeUInt32LE(total, 0)
  header.writeUInt16LE(1, 4)
  return Buffer.concat([header, Buffer.from(head), Buffer.from(text), Buffer.from([...backlen, 0xff])])
}

function backlenOf3(size: number): number[] {
  return [size >> 14, ((size >> 7) & 127) | 128, (size & 127) | 128]
}
