/** Commands passed over by their head amount to what framing each of them gives, under every split. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ByteString, byteString } from '../../../src/bytes/byte-string.ts'
import { Resumable } from '../../../src/bytes/resumable.ts'
import { commands } from '../../../src/codec/resp/command.ts'
import { encodeCommand } from '../../../src/codec/resp/encode.ts'
import { KEEP, type Keep } from '../../../src/codec/resp/limits.ts'
import { decodeEverySplit, type MakeDecoder, randomChunks, run } from '../../support/every-split.ts'

type Count = { name: string; count: number; bytes: number }
type Seen = Count | { fault: string; at: number }

/** Runs of one name; `passed` hears how many commands were not framed. */
const counter =
  (alike: boolean, keep: Keep = KEEP, passed: (count: number) => void = () => {}): MakeDecoder<Seen> =>
  (emit) => {
    let last: Count | undefined
    let reached = 0
    const flush = () => {
      if (last !== undefined) emit(last)
      last = undefined
    }
    const count = (name: string, times: number, start: number, end: number) => {
      expect(start, 'no byte twice, none left out').toBe(reached)
      reached = end
      if (last?.name !== name) {
        flush()
        last = { name, count: 0, bytes: 0 }
      }
      last!.count += times
      last!.bytes += end - start
    }
    const decoder = new Resumable(
      (src) =>
        commands(
          src,
          {
            command: (command, start, end) => count(command.name, 1, start, end),
            blank: (start, end) => count('', 1, start, end),
            leaves: () => false,
            ...(alike && {
              countsAlike: () => last?.name !== 'PING',
              alike: (times: number, start: number, end: number) => {
                passed(times)
                count(last!.name, times, start, end)
              },
            }),
          },
          { inline: false, keep },
        ),
      (fault) => {
        flush()
        emit({ fault: fault.code, at: fault.position })
      },
    )
    return {
      push: (chunk) => decoder.push(chunk),
      end: () => {
        decoder.end()
        flush()
      },
    }
  }

const encoded = (...lines: string[]) =>
  Buffer.concat(lines.map((line) => encodeCommand(line.split(' ') as ByteString[])))

/** The same as when each is framed, whole and cut. */
function counted(input: Buffer, keep?: Keep): Seen[] {
  const seen = decodeEverySplit(counter(true, keep), input, { truncations: false })
  expect(seen).toEqual(run(counter(false, keep), [input]))
  return seen
}

describe('commands that begin alike', () => {
  it('are passed over, whatever the lengths of their values', () => {
    const input = encoded('SET k v', 'SET key:10 ', 'SET k vv', 'DEL k', 'DEL kk', 'set k v', 'SETX k v')
    let passed = 0
    run(
      counter(true, KEEP, (count) => (passed += count)),
      [input],
    )
    expect(passed).toBe(3)
    expect(counted(input)).toMatchObject([
      { name: 'SET', count: 3 },
      { name: 'DEL', count: 2 },
      { name: 'SET', count: 1 },
      { name: 'SETX', count: 1 },
    ])
  })

  it('are framed again where a sink wants to see them', () => {
    const input = encoded('PING', 'PING', 'INCR a', 'INCR b', 'PING')
    let passed = 0
    run(
      counter(true, KEEP, (count) => (passed += count)),
      [input],
    )
    expect(passed).toBe(1)
    expect(counted(input).map((e) => 'name' in e && [e.name, e.count])).toEqual([
      ['PING', 2],
      ['INCR', 2],
      ['PING', 1],
    ])
  })

  it('are left to the grammar where they are long, heavy or odd', () => {
    const keep: Keep = { valueBytes: 8, totalBytes: 60, elements: 5, hash: false }
    counted(encoded('SET k v', 'SET k 123456789', 'SET k v', 'SET k v'), keep)
    counted(encoded('A 1 1 1', 'A 12345678 12345678 12345678', 'A 12345678 12345678 12345678'), keep)
    const odd = ['$01\r\nx', '$0000000000000001\r\nx', '$-0\r\n', '\n', '\r\n', '*0\r\n']
    const head = '*2\r\n$3\r\nDEL\r\n'
    for (const piece of odd) {
      const whole = piece.startsWith('$') ? `${head}${piece}\r\n` : piece
      counted(Buffer.from(`${head}$1\r\nk\r\n${whole}${head}$1\r\nk\r\n`, 'latin1'))
    }
  })

  it.each<[string, string, number]>([
    ['$-1\r\n', 'RESP_BAD_LENGTH', 34],
    ['$1x\r\n', 'RESP_BAD_LENGTH', 34],
    ['$\r\n', 'RESP_BAD_LENGTH', 34],
    ['$2\r\nxyz\r\n', 'RESP_BAD_LENGTH', 39],
    [':2\r\n', 'RESP_BAD_LENGTH', 33],
    ['$1', 'INPUT_TRUNCATED', 20],
    ['$3\r\nxy', 'INPUT_TRUNCATED', 20],
  ])('report malformed %j as if each were framed', (argument, code, at) => {
    const input = Buffer.from(`*2\r\n$3\r\nDEL\r\n$1\r\nk\r\n*2\r\n$3\r\nDEL\r\n${argument}`, 'latin1')
    expect(counted(input).at(-1)).toEqual({ fault: code, at })
  })

  it('count as framed, for any commands and any bytes', () => {
    const name = fc.constantFrom('SET', 'set', 'DEL', 'PING', 'SE')
    const value = fc.uint8Array({ maxLength: 12 }).map((b) => byteString(Buffer.from(b)))
    const command = fc.tuple(name, fc.array(value, { maxLength: 3 })).map(([first, rest]) => {
      return encodeCommand([first as ByteString, ...rest])
    })
    const noise = fc.string({ unit: 'binary', maxLength: 3 }).map((text) => Buffer.from(text, 'latin1'))
    const parts = fc.array(fc.oneof({ weight: 30, arbitrary: command }, noise), { maxLength: 30 })
    const keep: Keep = { valueBytes: 10, totalBytes: 50, elements: 3, hash: false }
    fc.assert(
      fc.property(parts, fc.integer(), (list, seed) => {
        const input = Buffer.concat(list)
        const seen = run(counter(true, keep), randomChunks(input, seed))
        expect(seen).toEqual(run(counter(false, keep), [input]))
      }),
      { numRuns: 300 },
    )
  })
})
