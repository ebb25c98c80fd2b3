/** The language of --filter: what each term hides, and what it does not speak of. */
import { describe, expect, it } from 'vitest'
import type { ByteString } from '../../src/bytes/byte-string.ts'
import type { ReplEvent } from '../../src/replication/events.ts'
import { parseFilter } from '../../src/sink/filter.ts'
import { UsageError } from '../../src/usage-error.ts'
import { command, sample, samples } from '../support/sample-events.ts'

const set = (text: string): ReplEvent => ({ ...sample('command'), command: command(text) })
const passes = (expression: string, event: ReplEvent) => parseFilter(expression)(event)

/** Kinds that no term about commands speaks of. */
const BYSTANDERS = [
  'opened',
  'closed',
  'resync',
  'snapshot-begin',
  'snapshot-end',
  'fault',
  'gap',
  'overflow',
]

describe('a filter', () => {
  it('that is empty lets everything pass', () => {
    for (const expression of ['', '   ']) {
      for (const event of samples) expect(passes(expression, event), event.kind).toBe(true)
    }
  })

  it('of keys looks at every key of a command, with globs', () => {
    expect(passes('key=user:*', set('SET user:1 x'))).toBe(true)
    expect(passes('key=user:*', set('SET page:1 user:1'))).toBe(false)
    expect(passes('key=user:*', set('DEL page:1 user:1'))).toBe(true)
    expect(passes('key=a,b', set('SET b x'))).toBe(true)
    expect(passes('KEY=a', set('SET a x'))).toBe(true)
    expect(passes('key=*', set('FLUSHALL'))).toBe(false)
    expect(passes('key=*', sample('ping'))).toBe(false)
    expect(passes('key=user:*', sample('snapshot-key'))).toBe(true)
    expect(passes('key=page:*', sample('snapshot-key'))).toBe(false)
  })

  it('of keys matches bytes: a pattern is typed in UTF-8', () => {
    const key = Buffer.from('grün').toString('latin1')
    expect(passes('key=gr*n', set(`SET ${key} x`))).toBe(true)
    expect(passes('key=grün', set(`SET ${key} x`))).toBe(true)
    expect(passes('key=gr??n', set(`SET ${key} x`))).toBe(true)
  })

  it('of a bare word is one of keys', () => {
    expect(passes('user:*', set('SET user:1 x'))).toBe(true)
    expect(passes('user:*', set('SET page:1 x'))).toBe(false)
  })

  it('of names compares without case', () => {
    expect(passes('cmd=set,del', set('SET a x'))).toBe(true)
    expect(passes('command=SET', set('set a x'))).toBe(true)
    expect(passes('cmd=get', set('SET a x'))).toBe(false)
    expect(passes('cmd=ping', sample('ping'))).toBe(true)
    expect(passes('cmd=set', sample('ping'))).toBe(false)
    expect(passes('cmd=replconf', sample('getack'))).toBe(true)
  })

  it('of databases and links', () => {
    expect(passes('db=0', set('SET a x'))).toBe(true)
    expect(passes('db=1,2', set('SET a x'))).toBe(false)
    expect(passes('db=0', { ...sample('command'), db: undefined })).toBe(false)
    expect(passes('db=1', sample('snapshot-key'))).toBe(false)
    expect(passes('link=1', sample('opened'))).toBe(true)
    expect(passes('link=2,3', sample('opened'))).toBe(false)
  })

  it('of offsets takes commands that have a byte in the range', () => {
    // Bytes 101 to 127.
    const event = sample('command')
    const range = (expression: string) => passes(`offset=${expression}`, event)
    expect([range('101'), range('127'), range('101..'), range('..101'), range('0..500')]).not.toContain(false)
    expect([range('100'), range('128'), range('128..'), range('..100')]).not.toContain(true)
    expect(passes('offset=127', sample('ack'))).toBe(true)
    expect(passes('offset=128..', sample('ack'))).toBe(false)
    expect(passes('offset=1..', { ...event, start: undefined, end: undefined })).toBe(false)
  })

  it('of several terms wants them all', () => {
    expect(passes(' key=a*  cmd=set  db=0 ', set('SET ab x'))).toBe(true)
    expect(passes('key=a* cmd=del', set('SET ab x'))).toBe(false)
  })

  it('does not hide what it does not speak of', () => {
    const others = samples.filter((event) => BYSTANDERS.includes(event.kind))
    expect(others.length).toBe(BYSTANDERS.length)
    for (const term of ['key=nothing', 'cmd=nothing', 'db=15', 'offset=0']) {
      for (const event of others) expect(passes(term, event), `${term} ${event.kind}`).toBe(true)
    }
  })

  it.each([
    'db=x',
    'db=',
    'db=1,',
    'link=a',
    'link=1..2',
    'offset=x',
    'offset=..',
    'offset=1...2',
    'offset=-1',
  ])('that is not understood is refused with the term in words: %s', (expression) => {
    expect(() => parseFilter(expression)).toThrow(UsageError)
  })

  it('looks at the beginning of a key that is too long to hold', () => {
    const long = { bytes: 70_000, preview: 'user:1' as ByteString, hash: 'x' }
    expect(passes('key=user:*', { ...sample('snapshot-key'), key: long } as ReplEvent)).toBe(true)
  })
})
