/** Bytes at rest: nothing is lost on the way in or out, and nothing harmful comes out. */
import { connect } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  type ByteString,
  byteString,
  fromText,
  quoted,
  readable,
  toBytes,
  toJson,
  toText,
} from '../../src/bytes/byte-string.ts'
import { splitInline } from '../../src/codec/resp/inline.ts'
import { describeWithRedis, startRedis, waitFor } from '../support/real-redis.ts'

const anyBytes = fc.uint8Array().map((array) => Buffer.from(array))

describe('a byte string', () => {
  it('holds any bytes, and is ordered as memcmp orders them', () => {
    fc.assert(
      fc.property(anyBytes, anyBytes, (a, b) => {
        expect(toBytes(byteString(a))).toEqual(a)
        const [x, y] = [byteString(a), byteString(b)]
        expect(x < y ? -1 : x > y ? 1 : 0).toBe(Buffer.compare(a, b))
      }),
    )
  })

  it('is part of a buffer', () => {
    expect(byteString(Buffer.from('hello'), 1, 4)).toBe('ell')
  })

  it('has a text where its bytes are UTF-8, and only there', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const wellFormed = Buffer.from(text).toString()
        expect(toText(fromText(wellFormed))).toBe(wellFormed)
      }),
    )
    for (const bytes of ['\xff', '\xc3', '\xed\xa0\x80', '\xc0\x80', 'a\x80']) {
      expect(toText(bytes as ByteString), quoted(bytes)).toBeUndefined()
      expect(toJson(bytes as ByteString)).toEqual({ b64: Buffer.from(bytes, 'latin1').toString('base64') })
    }
  })
})

describe('a quoted string', () => {
  it('is printable ASCII whatever it quotes, and can be read back', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        const value = byteString(bytes)
        for (const text of [quoted(value), readable(value)]) {
          expect(text).toMatch(/^[\x20-\x7e]+$/)
          expect(splitInline(text)).toEqual([value])
        }
      }),
    )
  })

  it('is bare only where nothing could be mistaken', () => {
    expect(['a', 'a b', '', '"', "'", '\\', 'a\x00', 'ä'].map(readable)).toEqual([
      'a',
      '"a b"',
      '""',
      '"\\""',
      '"\'"',
      '"\\\\"',
      '"a\\x00"',
      '"\\xe4"',
    ])
  })

  it('shows text from elsewhere by its UTF-8 bytes', () => {
    expect(quoted('…')).toBe('"\\xe2\\x80\\xa6"')
  })
})

describeWithRedis('a quoted string', (server) => {
  it('is what the server prints: MONITOR quotes as redis-cli does', async () => {
    const redis = await startRedis({ server })
    const every = Buffer.from(Array.from({ length: 256 }, (_, i) => i))
    const monitor = connect({ port: redis.port, host: redis.host })
    onTestFinished(() => void monitor.destroy())
    let seen = ''
    monitor.on('data', (chunk) => {
      seen += chunk.toString('latin1')
    })
    monitor.write('MONITOR\r\n')
    await waitFor(() => seen.startsWith('+OK\r\n'), { what: 'MONITOR' })
    await redis.client.command('GET', every)
    await waitFor(() => /"GET".*\r\n/.test(seen), { what: 'the command in MONITOR' })
    expect(seen).toContain(`"GET" ${quoted(byteString(every))}\r\n`)
  })
})
