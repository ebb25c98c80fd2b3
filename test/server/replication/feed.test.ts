/** The feed by itself: what comes into the stream on a master, and what does not on a replica. */
import { describe, expect, it } from 'vitest'
import type { ByteString } from '../../../src/bytes/byte-string.ts'
import { EffectLog } from '../../../src/server/effects.ts'
import { Backlog } from '../../../src/server/replication/backlog.ts'
import { Feed } from '../../../src/server/replication/feed.ts'
import { History } from '../../../src/server/replication/history.ts'
import { seededRandom } from '../../support/reference.ts'

function start() {
  const effects = new EffectLog()
  const history = new History(seededRandom(1))
  const backlog = new Backlog(1)
  const feed = new Feed(effects, history, backlog)
  feed.open()
  const cursor = backlog.cursor(1)
  const publish = (...argv: string[]): void =>
    effects.publish({
      effects: [{ db: 1, argv: argv as ByteString[], durable: true }],
      isAtomic: false,
      origin: 'client',
    })
  const taken = (): string => backlog.read(cursor)?.toString('latin1') ?? ''
  return { history, feed, publish, taken }
}

describe('the feed', () => {
  it("carries a master's commands, its pings and its questions", () => {
    const { history, feed, publish, taken } = start()
    publish('DEL', 'k')
    feed.ping()
    feed.getack()
    const stream = taken()
    expect(stream).toBe(
      '*2\r\n$6\r\nSELECT\r\n$1\r\n1\r\n*2\r\n$3\r\nDEL\r\n$1\r\nk\r\n*1\r\n$4\r\nping\r\n' +
        '*3\r\n$8\r\nREPLCONF\r\n$6\r\nGETACK\r\n$1\r\n*\r\n',
    )
    expect(history.offset).toBe(stream.length)
  })

  it('has no word of its own on a replica: only what its master sent', () => {
    const { history, feed, publish, taken } = start()
    feed.isRelaying = true
    publish('DEL', 'k')
    feed.ping()
    feed.getack()
    expect([taken(), history.offset]).toEqual(['', 0])
    feed.relay(Buffer.from('bytes'))
    expect([taken(), history.offset]).toEqual(['bytes', 5])
  })
})
