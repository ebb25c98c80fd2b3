/** Globs, with the server as the oracle: it knows best what KEYS matches. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ByteString } from '../../src/bytes/byte-string.ts'
import { globMatcher } from '../../src/bytes/glob.ts'
import { mulberry32 } from '../support/every-split.ts'
import { describeEachRedis, startRedis } from '../support/real-redis.ts'

const matches = (pattern: string, text: string) => globMatcher(pattern as ByteString)(text)

describe('a glob', () => {
  it.each<[string, string[], string[]]>([
    ['', [''], ['a']],
    ['*', ['', 'a', 'a\nb'], []],
    ['a*c', ['ac', 'abc', 'acbc'], ['ab', 'bac']],
    ['h?llo', ['hello', 'hallo'], ['hllo', 'heello']],
    ['h[ae]llo', ['hello', 'hallo'], ['hillo']],
    ['h[^e]llo', ['hallo'], ['hello', 'hllo']],
    ['h[a-c]llo', ['hallo', 'hcllo'], ['hdllo', 'h-llo']],
    ['h[c-a]llo', ['hbllo'], ['hdllo']],
    ['[a-]', ['a', ']', '^'], ['-']],
    ['[a-]x]', ['x', ']', '^'], ['-']],
    ['[\\a-c]', ['a', '-', 'c'], ['b']],
    ['\\*', ['*'], ['a', '\\*']],
    ['[\\]]', [']'], ['\\']],
    ['a\\', ['a\\'], ['a']],
    ['*a*b*c*', ['abc', 'xaxbxcx'], ['acb']],
  ])('%s', (pattern, yes, no) => {
    for (const text of yes) expect(matches(pattern, text), text).toBe(true)
    for (const text of no) expect(matches(pattern, text), text).toBe(false)
  })

  it('matches literally what is escaped', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (text, other) => {
        const pattern = text.replace(/[^a-z]/g, (char) => `\\${char}`)
        expect(matches(pattern, text)).toBe(true)
        expect(matches(pattern, other)).toBe(other === text)
      }),
    )
  })

  it('takes no time over patterns made to take it', () => {
    const text = 'a'.repeat(20_000)
    // Backtracking from every star would take longer than the universe has; the time limit of the test would say so.
    expect(matches(`${'*a'.repeat(50)}*b`, text)).toBe(false)
    expect(matches('*'.repeat(10_000), text)).toBe(true)
  })
})

describeEachRedis('a glob', (server) => {
  it('matches what KEYS of the server matches', async () => {
    const redis = await startRedis({ server })
    const random = mulberry32(20_261_121)
    const pick = (from: readonly string[]) => from[Math.floor(random() * from.length)]!
    const word = (letters: readonly string[], longest: number) =>
      Array.from({ length: Math.floor(random() * longest) }, () => pick(letters)).join('')
    // The empty key is left out: the server compares it with nothing but `*`.
    const names = Array.from({ length: 300 }, () => word([...'abc-]^[\\*?'], 6))
    const keys = [...new Set(names)].filter((name) => name !== '')
    await Promise.all(keys.map((key) => redis.client.command('SET', key, '1')))
    const signs = [
      '*',
      '?',
      '[',
      ']',
      '^',
      '-',
      '\\',
      'a',
      'b',
      'c',
      '[a-b]',
      '[^a]',
      '\\*',
      '[]',
      '[^]',
      '[a',
    ]
    const patterns = [...new Set(Array.from({ length: 3000 }, () => word(signs, 7)))]
    const answers = await Promise.all(patterns.map((pattern) => redis.client.command('KEYS', pattern)))
    const wrong: string[] = []
    patterns.forEach((pattern, i) => {
      const found = new Set(answers[i] as string[])
      for (const key of keys) {
        if (matches(pattern, key) !== found.has(key))
          wrong.push(`${pattern} on ${key}: server ${found.has(key)}`)
      }
    })
    expect(wrong.slice(0, 20)).toEqual([])
  })
})
