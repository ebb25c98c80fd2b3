/** A program with several connections sees in which order they are written to: as in Redis, the last first. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { RawClient } from '../support/raw-client.ts'
import { describeWithRedis, type RealServer, startRedis, waitFor } from '../support/real-redis.ts'
import { SERVE } from '../support/serve.ts'

/** What `a`, `b` and `c` wait for (nothing: they track a key), and what `p` then says. */
const CASES: Readonly<Record<string, readonly [waiting: string, said: readonly string[]]>> = {
  'a message': ['SUBSCRIBE ch', ['PUBLISH ch x']],
  'elements of one command': ['BLPOP q 0', ['RPUSH q 1 2 3']],
  'elements of a pipeline': ['BLPOP q 0', ['RPUSH q 1', 'RPUSH q 2', 'RPUSH q 3']],
  'what is monitored': ['MONITOR', ['PING']],
  'a key that is tracked': ['', ['SET k v']],
  'that they are sent away': ['BLPOP q 0', ['REPLICAOF 127.0.0.1 1']],
}

async function told(server: RealServer): Promise<string[]> {
  const { port } = await startRedis({ server })
  const lines: string[] = []
  for (const [name, [waiting, said]] of Object.entries(CASES)) {
    const names = ['a', 'b', 'c', 'p']
    const clients = await Promise.all(names.map(() => RawClient.open(port)))
    const speaker = clients.pop()!
    for (const client of clients) {
      if (waiting === '') {
        await client.command('HELLO', '3')
        await client.command('CLIENT', 'TRACKING', 'ON')
        await client.command('GET', 'k')
      } else {
        const answer = client.command(...waiting.split(' '))
        if (waiting.startsWith('BLPOP')) await sleep(5)
        else await answer
      }
    }
    // Until nobody is about to be read from any longer: that would put them first.
    await sleep(20)
    const order: string[] = []
    for (const [i, { socket }] of [...clients, speaker].entries())
      socket.prependListener('data', () => order.push(names[i]!))
    speaker.socket.write(said.map((line) => `${line}\r\n`).join(''))
    await waitFor(() => order.length >= names.length, { what: name })
    lines.push(`${name}: ${order.join('')}`)
    for (const { socket } of [...clients, speaker]) socket.destroy()
  }
  return lines
}

describeWithRedis('who is told first', (server) => {
  it('is the same', { timeout: 60_000 }, async () => {
    const theirs = await told(server)
    expect(theirs[0]).toBe('a message: pcba')
    expect(await told(SERVE)).toEqual(theirs)
  })
})
