import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { RdbFault } from '../../../src/codec/rdb/decode.ts'
import { decodeDump, dumpFooter } from '../../../src/codec/rdb/dump.ts'
import type { RdbEvent } from '../../../src/codec/rdb/events.ts'
import {
  Document,
  expectedLike,
  FIXTURES,
  fixtureJson,
  type Json,
  like,
  valueLike,
} from '../../support/rdb-document.ts'

const { entries } = JSON.parse(readFileSync(new URL('dump-payloads.json', FIXTURES), 'utf8'))
const VERSIONS: Json = {
  'redis-6.0.16': 9,
  'redis-7.0.15': 10,
  'redis-8.0.6': 12,
  'redis-8.6.3': 13,
  'valkey-8.1.1': 11,
  'valkey-9.1.2': 80,
}

function decode(payload: Buffer) {
  const document = new Document()
  const faults: RdbFault[] = []
  const footer = decodeDump(payload, {
    detail: 'elements',
    onEvent: document.add,
    onFault: (fault) => faults.push(fault),
  })
  return { document, faults, footer }
}

describe('a DUMP payload', () => {
  it.each<{ key_latin1: string } & Json>(entries)('of $key_latin1, by every server', (entry) => {
    for (const [server, hex] of Object.entries<string>(entry.payload_hex)) {
      const payload = Buffer.from(hex, 'hex')
      const { document, faults, footer } = decode(payload)
      expect(faults, server).toEqual([])
      expect(footer, server).toEqual({
        family: server === 'valkey-9.1.2' ? 'valkey' : 'redis',
        version: VERSIONS[server],
        checksum: 'good',
        bytes: payload.length - 10,
      })
      const wanted = entry.logical[server]
      const found = document.keys[0]!
      expect(document.keys, server).toHaveLength(1)
      expect(found.key.rdbType, server).toBe(wanted.rdb_type)
      expect(found.key.module?.name ?? found.key.type, server).toBe(wanted.type)
      expect(found.end!.bytes, server).toBe(payload.length - 10)
      expect(valueLike(wanted.value, found), server).toEqual(expectedLike(wanted.value, found.key.type))
    }
  })

  it.each(['redis-7.0.15', 'redis-8.6.3', 'valkey-9.1.2'])('of the functions of %s', (server) => {
    const json = fixtureJson(`${server}-functions-only`)
    const { document, faults, footer } = decode(Buffer.from(json.dump_hex, 'hex'))
    expect(faults).toEqual([])
    expect(footer?.checksum).toBe('good')
    expect(document.functions.map((code, i) => like(json.functions[i], code))).toEqual(json.functions)
  })

  it('carries key metadata in front of the value (Redis 8.6)', () => {
    // The sample of the format's description: f3 record of class KMT1, then string "v".
    const body = Buffer.from('f30109f5c428050568656c6c6f00' + '000176' + '0d00', 'hex')
    const events: RdbEvent[] = []
    const faults: RdbFault[] = []
    const payload = Buffer.concat([body, Buffer.alloc(8)])
    const footer = decodeDump(payload, {
      detail: 'elements',
      onEvent: (event) => events.push(event),
      onFault: (fault) => faults.push(fault),
    })
    expect(faults).toEqual([])
    expect(footer).toMatchObject({ version: 13, checksum: 'absent' })
    expect(events).toMatchObject([
      { kind: 'key-meta', name: 'KMT1', version: 1, flags: 1 },
      { kind: 'module-value', opcode: 'string', value: 'hello' },
      { kind: 'key', type: 'string' },
      { kind: 'string', value: 'v' },
      { kind: 'key-end', items: 1, bytes: body.length - 2 },
    ])
  })

  it('tells a changed byte by its checksum, and decodes what it can', () => {
    const payload = Buffer.from(entries[0].payload_hex['redis-7.0.15'], 'hex')
    payload[3]! ^= 1
    expect(decode(payload).footer?.checksum).toBe('bad')
    expect(decode(payload).document.keys).toHaveLength(1)
  })

  it('is a fault when it is cut', () => {
    const payload = Buffer.from(entries[0].payload_hex['redis-7.0.15'], 'hex')
    for (let length = 0; length < payload.length; length++) {
      const { faults, footer } = decode(payload.subarray(0, length))
      expect(length < 10 ? footer : footer!.checksum, String(length)).toBe(length < 10 ? undefined : 'bad')
      if (length !== 10) expect(faults, String(length)).toHaveLength(1)
    }
    expect(dumpFooter(Buffer.alloc(9))).toBeUndefined()
  })
})
