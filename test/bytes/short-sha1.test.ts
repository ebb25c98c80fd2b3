/** SHA-1 of short messages, beside the engine's. */
import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import type { ByteString } from '../../src/bytes/byte-string.ts'
import { hexOf, noWords, rehash, xorSha1 } from '../../src/bytes/short-sha1.ts'

const sha1 = (bytes: Buffer) => createHash('sha1').update(bytes).digest('hex')

it('is the same for every length around one block, of text and of bytes', () => {
  for (let length = 0; length < 130; length++) {
    const bytes = Buffer.from(Array.from({ length }, (_, i) => (i * 89 + length * 7 + 200) & 255))
    for (const form of [bytes, bytes.toString('latin1') as ByteString]) {
      const words = noWords()
      xorSha1(words, form)
      expect(hexOf(words), `${length} bytes`).toBe(sha1(bytes))
      xorSha1(words, form)
      expect(hexOf(words)).toBe('0'.repeat(40))
    }
  }
})

it('is taken of itself', () => {
  const words = noWords()
  let expected = Buffer.alloc(20).toString('hex')
  for (let i = 0; i < 1000; i++) {
    rehash(words)
    expected = sha1(Buffer.from(expected, 'hex'))
    expect(hexOf(words)).toBe(expected)
  }
})
