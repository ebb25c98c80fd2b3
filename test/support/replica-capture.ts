/** Small replication sessions as captures: a handshake, a snapshot, and the stream that a test writes down. */

import { fromText } from '../../src/bytes/byte-string.ts'
import { RdbWriter } from '../../src/codec/rdb/encode.ts'
import { encodeCommand } from '../../src/codec/resp/encode.ts'
import type { Line } from './conversation-capture.ts'

export const ID = 'c'.repeat(40)

/** A command's bytes; the name of a command that has blanks in its words is not for here. */
export function said(text: string): Buffer {
  return encodeCommand(text.split(' ').map(fromText))
}

/** An RDB with these strings in db 0. @param offset tells where in its history it stands */
export function rdbOf(strings: Readonly<Record<string, string>>, offset?: number): Buffer {
  const writer = new RdbWriter({ compress: false })
  if (offset !== undefined) {
    const aux = { 'repl-stream-db': '0', 'repl-id': ID, 'repl-offset': String(offset) }
    for (const [name, value] of Object.entries(aux)) writer.aux(fromText(name), fromText(value))
  }
  if (Object.keys(strings).length > 0) writer.selectDb(0)
  for (const [key, value] of Object.entries(strings)) {
    const steps = writer.entry({ key: fromText(key), value: { type: 'string', value: fromText(value) } })
    while (steps?.next().done === false);
  }
  return writer.end()
}

/** A full resync at `offset`, and what the master says then. */
export function fullSync(
  rdb: Buffer,
  offset: number,
  stream: readonly (string | Buffer)[],
  port = 7000,
): Line[] {
  return [
    [0, said('PING')],
    [1, '+PONG\r\n'],
    [0, said(`REPLCONF listening-port ${port}`)],
    [1, '+OK\r\n'],
    [0, said('PSYNC ? -1')],
    [1, `+FULLRESYNC ${ID} ${offset}\r\n`],
    [1, Buffer.concat([Buffer.from(`$${rdb.length}\r\n`), rdb])],
    ...streamOf(stream),
  ]
}

/** The replica comes back, knowing everything up to `offset`. */
export function partialSync(offset: number, stream: readonly (string | Buffer)[], id = ID): Line[] {
  return [
    [0, said('PING')],
    [1, '+PONG\r\n'],
    [0, said('REPLCONF listening-port 7000')],
    [1, '+OK\r\n'],
    [0, said(`PSYNC ${id} ${offset + 1}`)],
    [1, '+CONTINUE\r\n'],
    ...streamOf(stream),
  ]
}

function streamOf(stream: readonly (string | Buffer)[]): Line[] {
  return stream.map((line) => [1, typeof line === 'string' ? said(line) : line])
}
