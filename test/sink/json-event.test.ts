/** The JSON form: what docs/EVENTS.md promises, for every kind and for bytes of any kind. */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ByteString, byteString, type JsonBytes } from '../../src/bytes/byte-string.ts'
import { KeptCommand } from '../../src/codec/resp/command.ts'
import type { RespValue } from '../../src/codec/resp/values.ts'
import type { ReplEvent } from '../../src/replication/events.ts'
import { bytesJson } from '../../src/sink/json-bytes.ts'
import { argvJson, jsonEvent, jsonLine, valueJson } from '../../src/sink/json-event.ts'
import { hostileEvents, sample, samples } from '../support/sample-events.ts'

const bulk = (text: string): RespValue => ({ type: 'bulk', value: text as ByteString })

/** The bytes that a JSON value stands for. */
function bytesOf(json: JsonBytes): Buffer {
  return typeof json === 'string' ? Buffer.from(json, 'utf8') : Buffer.from(json.b64, 'base64')
}

describe('an event as JSON', () => {
  it('has a form for each kind', () => {
    expect(samples.map((event) => JSON.stringify(jsonEvent(event)))).toMatchInlineSnapshot(`
      [
        "{"v":1,"kind":"opened","link":1,"conn":"main","connection":1,"side":"master","at":"2023-11-14T22:13:20.123456Z","pos":[0,14],"from":"10.0.0.1:50000","to":"10.0.0.2:6379","role":"replica"}",
        "{"v":1,"kind":"request","link":1,"conn":"main","connection":1,"side":"replica","at":"2023-11-14T22:13:20.123456Z","pos":[0,14],"argv":["PSYNC","?","-1"]}",
        "{"v":1,"kind":"reply","link":1,"conn":"main","connection":1,"side":"master","at":"2023-11-14T22:13:20.123456Z","pos":[0,14],"reply":"PONG"}",
        "{"v":1,"kind":"stripped","link":1,"conn":"main","connection":1,"side":"replica","at":"2023-11-14T22:13:20.123456Z","pos":[0,14],"capabilities":["eof"],"sent":["REPLCONF","capa","psync2"]}",
        "{"v":1,"kind":"resync","link":1,"conn":"main","connection":1,"side":"master","at":"2023-11-14T22:13:20.123456Z","pos":[0,14],"mode":"full","replid":"a3401045640fafea747d9e935807a0621ae9e0d5","offset":100,"asked":null}",
        "{"v":1,"kind":"snapshot-begin","link":1,"conn":"main","connection":1,"side":"master","at":"2023-11-14T22:13:20.123456Z","pos":[0,14],"framing":"length","bytes":1500}",
        undefined,
        "{"v":1,"kind":"live","link":1,"conn":"main","connection":1,"side":"replica","at":"2023-11-14T22:13:20.123456Z","pos":[0,14],"offset":100,"buffered":1500,"ms":20}",
        "{"v":1,"kind":"anchor","link":1,"conn":"main","connection":1,"side":"master","at":"2023-11-14T22:13:20.123456Z","pos":[0,14],"offset":100,"by":"ack","held":3,"correction":0}",
        undefined,
        "{"v":1,"kind":"snapshot-aux","link":1,"conn":"main","connection":1,"side":"master","at":"2023-11-14T22:13:20.123456Z","pos":[0,14],"name":"redis-ver","value":"7.0.15"}",
        "{"v":1,"kind":"snapshot-key","link":1,"conn":"main","connection":1,"side":"master","at":"2023-11-14T22:13:20.123456Z","pos":[0,14],"db":0,"key":"user:1","type":"hash","encoding":"listpack","items":3,"bytes":41}",
        "{"v":1,"kind":"snapshot-end","link":1,"conn":"main","connection":1,"side":"master","at":"2023-11-14T22:13:20.123456Z","pos":[0,14],"bytes":1500,"keys":3,"rdbVersion":10,"checksum":"good","ms":20}",
        "{"v":1,"kind":"command","link":1,"conn":"main","connection":1,"side":"master","at":"2023-11-14T22:13:20.123456Z","pos":[0,14],"db":0,"argv":["SET","k","v"],"start":100,"end":127}",
        "{"v":1,"kind":"ping","link":1,"conn":"main","connection":1,"side":"master","at":"2023-11-14T22:13:20.123456Z","pos":[0,14],"start":127,"end":141}",
        "{"v":1,"kind":"getack","link":1,"conn":"main","connection":1,"side":"master","at":"2023-11-14T22:13:20.123456Z","pos":[0,14],"start":141,"end":178}",
        "{"v":1,"kind":"ack","link":1,"conn":"main","connection":1,"side":"replica","at":"2023-11-14T22:13:20.123456Z","pos":[0,14],"offset":127,"lagBytes":51,"lagMs":0.4}",
        "{"v":1,"kind":"heartbeat","link":1,"conn":"main","connection":1,"side":"master","at":"2023-11-14T22:13:20.123456Z","pos":[0,14]}",
        "{"v":1,"kind":"gap","link":1,"conn":"main","connection":1,"side":"master","at":"2023-11-14T22:13:20.123456Z","pos":[0,14],"missing":1460}",
        "{"v":1,"kind":"fault","link":1,"conn":"main","connection":1,"side":"master","at":"2023-11-14T22:13:20.123456Z","pos":[0,14],"code":"RESP_BAD_TYPE","detail":"\\"x\\" begins no RESP value","position":77,"fatal":true}",
        "{"v":1,"kind":"overflow","link":1,"conn":"main","connection":1,"side":"master","at":"2023-11-14T22:13:20.123456Z","pos":[0,14],"dropped":12}",
        "{"v":1,"kind":"closed","link":1,"conn":"main","connection":1,"side":"replica","at":"2023-11-14T22:13:20.123456Z","pos":[0,14],"how":"fin","during":"streaming","bytes":{"master":1000,"replica":200}}",
      ]
    `)
  })

  it('names for every kind only fields that docs/EVENTS.md names', () => {
    const documented = readFileSync(new URL('../../docs/EVENTS.md', import.meta.url), 'utf8')
    for (const event of samples) {
      const json = jsonEvent(event)
      if (json === undefined) continue
      expect(documented, event.kind).toContain(`\`${event.kind}\``)
      for (const field of Object.keys(json))
        expect(documented, `${event.kind} ${field}`).toContain(`${field}`)
    }
  })

  it('always has the common fields, and is one line that parses to itself', () => {
    fc.assert(
      fc.property(hostileEvents, (event) => {
        const json = jsonEvent(event)!
        expect(json).toMatchObject({ v: 1, kind: event.kind, link: 1, side: event.side, pos: [0, 14] })
        expect(json.at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)
        const line = JSON.stringify(json)
        expect(line).not.toMatch(/[\x00-\x1f]/)
        expect(JSON.stringify(JSON.parse(line))).toBe(line)
      }),
      { numRuns: 1000 },
    )
  })

  it('never holds a control character that JSON need not escape', () => {
    const bytes = byteString(Buffer.from('\u009b31mred\x7f'))
    const line = jsonLine(jsonEvent({ ...sample('command'), command: new KeptCommand([bytes]) })!)
    expect(line).not.toMatch(/[\x7f-\x9f]/)
  })

  it('does not say what it does not know, and says null for what is unknown', () => {
    expect(
      jsonEvent({ ...sample('command'), start: undefined, end: undefined, db: undefined }),
    ).toMatchObject({ start: null, end: null, db: null })
    expect(jsonEvent(sample('command'))).not.toHaveProperty('tx')
    expect(jsonEvent({ ...sample('ack'), lagBytes: undefined, lag: undefined })).toMatchObject({
      lagBytes: null,
      lagMs: null,
    })
    expect(jsonEvent(sample('snapshot-slice'))).toBeUndefined()
  })
})

describe('bytes as JSON', () => {
  it('are text where they are UTF-8 and base64 where they are not: nothing is lost', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (array) => {
        const bytes = Buffer.from(array)
        const json = JSON.parse(JSON.stringify(bytesJson(byteString(bytes)))) as JsonBytes
        expect(bytesOf(json)).toEqual(bytes)
      }),
    )
    const utf8 = byteString(Buffer.from('grüße 🎈'))
    expect(bytesJson(utf8)).toBe('grüße 🎈')
    expect(bytesJson(byteString(Buffer.from([0xff])))).toEqual({ b64: '/w==' })
  })

  it('that are too long are told by length, beginning and hash', () => {
    const long = { bytes: 70_000, preview: 'abc' as ByteString, sha256: 'ff00' }
    expect(bytesJson(long)).toEqual({ bytes: 70_000, preview: 'abc', sha256: 'ff00' })
    expect(bytesJson({ ...long, sha256: undefined })).toEqual({ bytes: 70_000, preview: 'abc' })
  })

  it('of a command that was cut say how many are missing', () => {
    expect(argvJson(new KeptCommand(['DEL', 'a'] as ByteString[], 10))).toEqual(['DEL', 'a', { more: 8 }])
  })
})

describe('a reply as JSON', () => {
  const pair = (length: number, ...items: RespValue[]): RespValue => ({ type: 'map', length, items })
  it.each<[string, RespValue, unknown]>([
    ['a bulk', bulk('x'), 'x'],
    ['an integer', { type: 'integer', value: 5 }, 5],
    ['an integer JSON cannot hold', { type: 'integer', value: 2n ** 63n - 1n }, '9223372036854775807'],
    ['a double', { type: 'double', value: 1.5 }, 1.5],
    ['no number', { type: 'double', value: Number.NaN }, 'nan'],
    ['infinity', { type: 'double', value: -Infinity }, '-inf'],
    ['null', { type: 'null' }, null],
    ['a list', { type: 'array', length: 1, items: [bulk('x')] }, ['x']],
    ['a list that was cut', { type: 'array', length: 5, items: [bulk('x')] }, ['x', { more: 4 }]],
    ['a map', pair(1, bulk('k'), bulk('v')), { k: 'v' }],
    ['a map with a number for a key', pair(1, { type: 'integer', value: 1 }, bulk('v')), [[1, 'v']]],
    ['a map that was cut', pair(3, bulk('k'), bulk('v')), [['k', 'v'], { more: 2 }]],
    [
      'a map with a key twice',
      pair(2, bulk('k'), bulk('v'), bulk('k'), bulk('w')),
      [
        ['k', 'v'],
        ['k', 'w'],
      ],
    ],
  ])('%s', (_, value, json) => {
    expect(valueJson(value)).toEqual(json)
  })

  it('may have a field that JavaScript finds special', () => {
    const json = JSON.stringify(valueJson(pair(1, bulk('__proto__'), bulk('v'))))
    expect(json).toBe('{"__proto__":"v"}')
  })
})

describe('the time of an event', () => {
  it('is exact to the microsecond', () => {
    const at = (micros: number) => jsonEvent({ ...sample('heartbeat'), at: micros } as ReplEvent)!.at
    expect(at(1_795_232_264_123_456)).toBe('2026-11-21T03:37:44.123456Z')
    expect(at(0)).toBe('1970-01-01T00:00:00.000000Z')
    expect(at(999)).toBe('1970-01-01T00:00:00.000999Z')
  })
})
