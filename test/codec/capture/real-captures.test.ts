/**
 * Captures of real sessions by real tools (fixtures/captures): our streams are those that tshark finds, in
 * every format and on every link type, and the captures of one session agree with each other.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { decodeCapture } from '../../../src/codec/capture/decode.ts'
import { PacketReader } from '../../../src/codec/capture/packet.ts'
import { Reassembly } from '../../../src/codec/capture/reassembly.ts'
import type { TcpEvent } from '../../../src/codec/capture/tcp-event.ts'
import { decodeEverySplit, type MakeDecoder } from '../../support/every-split.ts'

const folder = new URL('../../../fixtures/captures/', import.meta.url)

type Stream = { from: string; sides: { bytes: number; sha256: string }[] }
const known = JSON.parse(readFileSync(new URL('streams.json', folder), 'utf8')) as Record<string, Stream[]>

/** The whole way from file bytes to streams, with the events in a comparable form. */
const wholeWay: MakeDecoder<string> = (emit) => {
  const reassembly = new Reassembly((event) => emit(brief(event)))
  const reader = new PacketReader((segment) => reassembly.segment(segment))
  const decoder = decodeCapture((event) => {
    if (event.kind === 'packet') reader.packet(event)
    else if (event.kind !== 'interface' && event.kind !== 'section') emit(`${event.kind} of file`)
  })
  return {
    push: (chunk) => decoder.push(chunk),
    end() {
      decoder.end()
      reassembly.end()
      const { counts } = reader
      expect(counts.segments + counts.malformed, 'every packet is a segment').toBe(counts.packets)
    },
  }
}

function brief(event: TcpEvent): string {
  switch (event.kind) {
    case 'opened':
      return `${event.connection} opened ${event.from.host}:${event.from.port} ${event.how}`
    case 'bytes':
      return `${event.connection} bytes ${event.direction} ${event.bytes.toString('hex')}`
    case 'gap':
      return `${event.connection} gap ${event.direction} ${event.missing}`
    case 'closed':
      return `${event.connection} closed ${event.how}`
    default:
      return `${event.connection} ${event.kind}`
  }
}

function streamsOf(events: readonly string[]): Stream[] {
  return events
    .filter((event) => event.includes(' opened '))
    .map((opened) => {
      const [number, , from] = opened.split(' ') as [string, string, string]
      const sides = [0, 1].map((direction) => {
        const prefix = `${number} bytes ${direction} `
        const hex = events
          .filter((event) => event.startsWith(prefix))
          .map((event) => event.slice(prefix.length))
        const bytes = Buffer.from(hex.join(''), 'hex')
        return { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }
      })
      return { from: from.replace(/^(.*:.*):(\d+)$/, '[$1]:$2'), sides }
    })
}

const isEnd = (event: string) => /closed|gap|of file/.test(event)

describe('real captures', () => {
  for (const [name, streams] of Object.entries(known)) {
    it(`${name}: the streams that tshark finds, under every split`, () => {
      const file = readFileSync(new URL(name, folder))
      const events = decodeEverySplit(wholeWay, file, { truncations: false, isEnd })
      const ours = streamsOf(events)
      expect(ours.map((s) => s.sides)).toEqual(streams.map((s) => s.sides))
      expect(ours.map((s) => s.from.replace(/[[\]]/g, ''))).toEqual(
        streams.map((s) => s.from.replace(/[[\]]/g, '')),
      )
      expect(events.filter((event) => / gap | notice |of file/.test(event))).toEqual([])
      expect(events.filter((event) => event.endsWith('handshake')).length).toBe(streams.length)
    })
  }

  it('say the same whatever tool and link type they came through', () => {
    const disk = Object.keys(known).filter((name) => name.startsWith('disk-'))
    expect(disk.length).toBeGreaterThanOrEqual(5)
    const [one, ...others] = disk.map((name) => collect(readFileSync(new URL(name, folder))))
    for (const other of others) expect(other).toEqual(one)
  })

  it('cut by snaplen: gaps for what is missing, every other byte where it belongs', () => {
    const whole = bySide(collect(readFileSync(new URL('disk-ethernet.pcap', folder))))
    const cut = bySide(collect(readFileSync(new URL('disk-snaplen-96.pcap', folder))))
    expect([...cut.keys()]).toEqual([...whole.keys()])
    let missing = 0
    for (const [side, pieces] of cut) {
      const bytes = whole.get(side)!.join('')
      let position = 0
      for (const piece of pieces) {
        if (typeof piece === 'number') {
          position += 2 * piece
          missing += piece
        } else {
          expect(bytes.slice(position, position + piece.length)).toBe(piece)
          position += piece.length
        }
      }
      expect(position, side).toBe(bytes.length)
    }
    expect(missing).toBeGreaterThan(0)
  })
})

function collect(file: Buffer): string[] {
  const events: string[] = []
  const decoder = wholeWay((event) => events.push(event))
  decoder.push(file)
  decoder.end()
  return events
}

/** Per connection and direction, hex of bytes and numbers of missing bytes, in order. */
function bySide(events: readonly string[]): Map<string, (string | number)[]> {
  const sides = new Map<string, (string | number)[]>()
  for (const event of events) {
    const [number, kind, direction, what] = event.split(' ') as [string, string, string, string]
    if (kind !== 'bytes' && kind !== 'gap') continue
    const key = `${number} ${direction}`
    const pieces = sides.get(key) ?? []
    pieces.push(kind === 'gap' ? Number(what) : what)
    sides.set(key, pieces)
  }
  return sides
}
