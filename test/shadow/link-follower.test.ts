/** A link becomes a dataset and units: joined over connections, without what was not finished, never with a hole. */
import { describe, expect, it } from 'vitest'
import { LinkBook } from '../../src/replication/link-book.ts'
import { type FollowerListener, LinkFollower } from '../../src/shadow/link-follower.ts'
import { captureOf, connection, type Line } from '../support/conversation-capture.ts'
import { decodeBook } from '../support/live-capture.ts'
import { fullSync, partialSync, rdbOf, said } from '../support/replica-capture.ts'

/** What a follower says of a capture, a line each. */
function followed(...connections: readonly (readonly Line[])[]): string[] {
  const told: string[] = []
  const listener: FollowerListener = {
    begin: ({ loaded, offset, replid }) =>
      told.push(`begin ${loaded.keys} keys @${offset} ${replid?.slice(0, 3)}`),
    unit: ({ start, end, commands }) =>
      told.push(`${start}..${end} ${commands.map(({ db, argv }) => `${db}:${argv.join(' ')}`).join(', ')}`),
    renamed: (replid) => told.push(`renamed ${replid.slice(0, 3)}`),
    lost: (why, offset) => told.push(`lost @${offset}: ${why}`),
  }
  const follower = new LinkFollower({ listener })
  const book = new LinkBook({ emit: (event) => follower.event(event), snapshot: 'sizes' })
  const frames = connections.map((lines, i) => {
    const made = connection(lines, { port: 40_001 + i })
    return made.map((frame) => ({ ...frame, at: frame.at! + i * 1e7 }))
  })
  expect(decodeBook([captureOf(...frames)], book)).toEqual([])
  return told
}

const SELECT = said('SELECT 0').length
const SET = said('SET k v').length

describe('a follower', () => {
  it('tells the dataset, then units; PINGs move the offset too', () => {
    const told = followed(fullSync(rdbOf({ k: 'v' }), 100, ['SELECT 0', 'SET k v', 'PING', 'SET k v']))
    const at = 100 + SELECT
    expect(told).toEqual([
      'begin 1 keys @100 ccc',
      `100..${at} `,
      `${at}..${at + SET} 0:SET k v`,
      `${at + SET}..${at + SET + 14} `,
      `${at + SET + 14}..${at + 2 * SET + 14} 0:SET k v`,
    ])
  })

  it('makes one unit of a transaction, and drops one that its connection did not finish', () => {
    const first = fullSync(rdbOf({}), 0, [
      'SELECT 0',
      'MULTI',
      'SET k v',
      'SET l w',
      'EXEC',
      'MULTI',
      'SET k v',
    ])
    const done = SELECT + 15 + 2 * SET + 14
    const second = partialSync(done, ['MULTI', 'SET k v', 'EXEC'])
    expect(followed(first, second)).toEqual([
      'begin 0 keys @0 ccc',
      `0..${SELECT} `,
      `${SELECT}..${done} 0:SET k v, 0:SET l w`,
      `${done}..${done + 15 + SET + 14} 0:SET k v`,
    ])
  })

  it('skips what is sent once more, and knows the database it was in', () => {
    const first = fullSync(rdbOf({}), 0, ['SELECT 3', 'SET k v', 'SET k v'])
    const second = partialSync(SELECT + SET, ['SET k v', 'SET l w'])
    expect(followed(first, second).slice(-2)).toEqual([
      `${SELECT + SET}..${SELECT + 2 * SET} 3:SET k v`,
      `${SELECT + 2 * SET}..${SELECT + 3 * SET} 3:SET l w`,
    ])
  })

  it('loses the dataset where bytes of the history are missing, and begins anew', () => {
    const first = fullSync(rdbOf({}), 0, ['SELECT 0'])
    const second = partialSync(SELECT + 2 * SET, ['SET k v'])
    const third = fullSync(rdbOf({ k: 'v' }), 500, ['SELECT 0'])
    expect(followed(first, second, third).slice(2)).toEqual([
      `lost @${SELECT}: ${2 * SET} bytes of the stream are missing`,
      'begin 1 keys @500 ccc',
      `500..${500 + SELECT} `,
    ])
  })

  it('does not go on with another history', () => {
    const first = fullSync(rdbOf({}), 0, ['SELECT 0'])
    const other = partialSync(SELECT, ['SET k v'], 'd'.repeat(40))
    expect(followed(first, other).at(-1)).toBe(
      `lost @${SELECT}: the stream goes on with that of another history`,
    )
  })

  it('tells a new name of the same history', () => {
    const first = fullSync(rdbOf({}), 0, ['SELECT 0'])
    const renamed = partialSync(SELECT, ['SET k v']).map(
      ([side, text]): Line => [side, text === '+CONTINUE\r\n' ? `+CONTINUE ${'e'.repeat(40)}\r\n` : text],
    )
    expect(followed(first, renamed).slice(2)).toEqual(['renamed eee', `${SELECT}..${SELECT + SET} 0:SET k v`])
  })

  it.each([
    [
      'is damaged',
      (rdb: Buffer) => Buffer.concat([rdb.subarray(0, -1), Buffer.from([rdb.at(-1)! ^ 1])]),
      'Wrong RDB checksum',
    ],
    [
      'holds what no Redis 7.0 knows',
      () => Buffer.from('REDIS0012\xfe\x00\xf6', 'latin1'),
      'cannot be loaded',
    ],
  ])('has no dataset where the snapshot %s', (_, change, why) => {
    const told = followed(fullSync(change(rdbOf({ k: 'v' })), 0, ['SELECT 0', 'SET k v']))
    expect(told).toEqual([expect.stringContaining(why)])
    expect(told[0]).toMatch(/^lost @undefined: the snapshot /)
  })

  it('says nothing where no snapshot passed', () => {
    expect(followed(partialSync(100, ['SET k v']))).toEqual([])
  })
})
