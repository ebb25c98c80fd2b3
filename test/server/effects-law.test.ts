/**
 * The effects law: what was published, applied to an empty dataset, gives the same dataset.
 *
 * Strings, bitmaps, HyperLogLogs and hashes here; random commands, most of which change something.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { startReference, type Words } from '../support/reference.ts'

const key = fc.constantFrom('a', 'b', 'c')
const text = fc.constantFrom('', '5', '-1.5', 'hello', 'x'.repeat(70), '9007199254740993')
const hash = fc.constantFrom('h', 'i')
const field = fc.integer({ min: 0, max: 9 }).map(String)
const far = fc.constantFrom('1000', '9000000')
const command: fc.Arbitrary<Words> = fc.oneof(
  fc.tuple(fc.constantFrom('SET', 'SETNX', 'GETSET', 'APPEND', 'INCRBY', 'INCRBYFLOAT'), key, text),
  fc.tuple(
    fc.constant('SET'),
    key,
    text,
    fc.constantFrom('EX', 'PX'),
    far,
    fc.constantFrom('GET', 'NX', 'XX'),
  ),
  fc.tuple(fc.constant('GETEX'), key, fc.constantFrom('EX', 'PX', 'PXAT'), far),
  fc.tuple(fc.constantFrom('GETDEL', 'GET', 'INCR', 'DECR'), key),
  fc.tuple(fc.constant('MSET'), key, text, key, text),
  fc.tuple(fc.constant('SETRANGE'), key, field, text),
  fc.tuple(fc.constant('SETBIT'), key, field, fc.constantFrom('0', '1')),
  fc.tuple(fc.constant('BITOP'), fc.constantFrom('AND', 'OR', 'XOR'), key, key, key),
  fc.tuple(key, field).map(([k, by]) => ['BITFIELD', k, 'SET', 'u5', '#2', by, 'INCRBY', 'i9', '3', by]),
  fc.tuple(
    fc.constantFrom('PFADD', 'PFMERGE', 'PFCOUNT'),
    fc.constantFrom('p', 'q'),
    fc.constantFrom('p', 'r'),
  ),
  fc.tuple(fc.constant('PFCOUNT'), fc.constantFrom('p', 'q', 'r')),
  fc.tuple(fc.constantFrom('HSET', 'HSETNX', 'HINCRBY', 'HINCRBYFLOAT'), hash, field, text),
  fc.tuple(fc.constant('HDEL'), hash, field, field),
)

describe('the effects law', () => {
  it('holds for strings, bitmaps, HyperLogLogs and hashes', () => {
    const sequences = fc.array(command, { minLength: 200, maxLength: 200 })
    const property = fc.property(sequences, (commands) => {
      const [first, second] = [startReference(), startReference()]
      const [client, replica] = [first.client(), second.client()]
      first.server.state.effects.subscribe(({ effects }) => {
        for (const { argv } of effects) {
          const words = argv.map((word) => Buffer.from(word, 'latin1'))
          expect(replica.command(...words)).not.toMatchObject({ type: 'error' })
        }
      })
      for (const words of commands) client.command(...words)
      expect(replica.command('DEBUG', 'DIGEST')).toEqual(client.command('DEBUG', 'DIGEST'))
    })
    fc.assert(property, { numRuns: 15, seed: 91 })
  })
})
