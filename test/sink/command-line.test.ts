/** The short way to the JSON of a command says what the long way says. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { byteString } from '../../src/bytes/byte-string.ts'
import { KeptCommand } from '../../src/codec/resp/command.ts'
import type { StreamCommand } from '../../src/replication/events.ts'
import { commandLine } from '../../src/sink/command-line.ts'
import { jsonEvent, jsonLine } from '../../src/sink/json-event.ts'

const text = fc.oneof(
  fc.string({ unit: 'binary' }).map((s) => byteString(Buffer.from(s))),
  fc.uint8Array({ maxLength: 20 }).map((bytes) => byteString(Buffer.from(bytes))),
  fc
    .constantFrom('SET', 'k\x7f', '"', '\\', 'a\u0085b', '\x1b[2J')
    .map((s) => byteString(Buffer.from(s, 'latin1'))),
)
const long = fc.record({ bytes: fc.nat(1e9), preview: text, sha256: fc.constantFrom(undefined, 'ab') })
const maybe = fc.option(fc.nat(1e15), { nil: undefined })

it('is the line that the object gives', () => {
  const event = fc
    .record({
      argv: fc.array(fc.oneof(text, long), { maxLength: 6 }),
      more: fc.constantFrom(0, 0, 7),
      at: fc.double({ min: 0, max: 4e15, noNaN: true }),
      start: maybe,
      end: maybe,
      db: fc.option(fc.nat(16), { nil: undefined }),
      isRdb: fc.boolean(),
      tx: fc.option(fc.nat(99), { nil: undefined }),
    })
    .map(({ argv, more, isRdb, ...rest }): StreamCommand => {
      const channel = isRdb ? ({ channel: 'rdb' } as const) : {}
      const command = new KeptCommand(argv, argv.length + more, 'SET')
      return {
        kind: 'command',
        link: 3,
        conn: 4,
        side: 'master',
        from: 5,
        to: 60,
        command,
        ...channel,
        ...rest,
      }
    })
  fc.assert(
    fc.property(event, (made) => {
      expect(commandLine(made)).toBe(jsonLine(jsonEvent(made)!))
    }),
    {
      numRuns: 500,
    },
  )
})
