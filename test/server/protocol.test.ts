/**
 * What a server does with bytes that are no requests: the same bytes to a real Redis and to the reference; the
 * bytes that come back are compared, and whether the connection was closed.
 */
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Listening, listenFor } from '../../src/io/server-socket.ts'
import { describeWithRedis, startRedis } from '../support/real-redis.ts'
import { type Reference, startReference } from '../support/reference.ts'

type Answer = { readonly bytes: string; readonly isClosed: boolean }

/** Sends bytes, in the pieces given, and a request that a connection which is still in order answers. */
async function answerTo(port: number, pieces: readonly string[]): Promise<Answer> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  let bytes = ''
  let isClosed = false
  socket.on('data', (chunk) => {
    bytes += chunk.toString('latin1')
  })
  socket.on('error', () => {})
  const closed = new Promise<void>((resolve) =>
    socket.once('close', () => {
      isClosed = true
      resolve()
    }),
  )
  for (const piece of pieces) {
    socket.write(piece, 'latin1')
    await sleep(5)
  }
  await Promise.race([closed, sleep(60)])
  socket.destroy()
  return { bytes, isClosed }
}

const LONG = 'x'.repeat(70_000)
const CASES: Readonly<Record<string, readonly string[]>> = {
  'a count that is none': ['*abc\r\n'],
  'an empty count': ['*\r\nPING\r\n'],
  'a count with a plus': ['*+1\r\n$4\r\nPING\r\n'],
  'a count with zeros': ['*01\r\n$4\r\nPING\r\n'],
  'counts below one': ['*0\r\n*-1\r\n*-5\r\nPING\r\n'],
  'minus nothing': ['*-0\r\n'],
  'the largest count': ['*2147483647\r\n$4\r\nPING\r\n'],
  'a count that is too large': ['*2147483648\r\n'],
  'a count beyond 64 bits': ['*99999999999999999999\r\n'],
  'a count without an end': [`*${LONG}`],
  'no bulk': ['*1\r\n+PING\r\n'],
  'no bulk, but a line end': ['*1\r\n\r\nPING\r\n'],
  'a number for a bulk': ['*1\r\n:3\r\n'],
  'a length that is none': ['*1\r\n$abc\r\n'],
  'an empty length': ['*1\r\n$\r\n'],
  'a negative length': ['*1\r\n$-1\r\n'],
  'a length of zeros': ['*1\r\n$00\r\n\r\n'],
  'a length that is too large': ['*2\r\n$3\r\nGET\r\n$536870913\r\n'],
  'a length beyond all': ['*2\r\n$3\r\nGET\r\n$99999999999999999999\r\n'],
  'a length without an end': [`*1\r\n$${LONG}`],
  'CR without LF': ['*1\rx$4\rxPING\r\n'],
  'a bulk that is longer than it says': ['*1\r\n$4\r\nPINGxx*1\r\n$4\r\nPING\r\n'],
  'a bulk that is much longer': ['*1\r\n$4\r\nPINGPONG\r\n'],
  'an empty name': ['*1\r\n$0\r\n\r\nPING\r\n'],
  'a bulk in pieces': ['*2\r', '\n$4\r\nEC', 'HO\r\n$', '5\r', '\nhel', 'lo\r', '\nPING\r\n'],
  'an inline command': ['PING\r\nPING\nECHO  "a b"\r\n'],
  'an inline command in pieces': ['PI', 'NG\r', '\nECHO x', 'y\n'],
  'unbalanced quotes': ['ECHO "abc\r\n'],
  'a quote within a word': ['ECHO "a"b\r\n'],
  'a line without an end': [LONG],
  'empty lines': ['\r\n\n\r\n   \r\nPING\r\n'],
  'a NUL in a line': ['EC\0HO a\r\nPING\r\n'],
  'a NUL in a count': ['*1\0\r\n$4\r\nPING\r\n'],
  'a web page': ['POST / HTTP/1.1\r\nHost: x\r\n\r\nPING\r\n'],
  'a web page, again': ['GET k\r\nHost: x\r\n\r\n'],
  'other protocols': ['\x16\x03\x01\x02\x00\x01\r\n\r\nPING\r\n'],
  'high bytes': ['\xff\xfe\x80 x\r\nPING\r\n'],
  'an unknown command': ['*3\r\n$3\r\nFOO\r\n$3\r\na\r\n\r\n$1\r\nb\r\n'],
  'quit in the middle': ['PING\r\nQUIT\r\nPING\r\n'],
  'what comes behind a fault': ['*1\r\n$x\r\nPING\r\n', 'PING\r\n'],
}

describeWithRedis('broken protocol', (server) => {
  let port: number
  let reference: Reference
  let listening: Listening
  beforeAll(async () => {
    port = (await startRedis({ server })).port
    reference = startReference()
    listening = await listenFor((peer) => reference.server.accept(peer), {
      kind: 'tcp',
      host: '127.0.0.1',
      port: 0,
    })
  })
  afterAll(() => listening.close())

  it.each(Object.entries(CASES))('%s', async (_name, pieces) => {
    const whole = [pieces.join('')]
    for (const sent of pieces.length > 1 ? [pieces, whole] : [whole, [...whole[0]!.slice(0, 40)]]) {
      const [theirs, ours] = await Promise.all([answerTo(port, sent), answerTo(listening.port, sent)])
      expect(ours).toEqual(theirs)
    }
  })

  it('is refused earlier from those who have not said who they are', async () => {
    const secret = await startRedis({ server, config: { requirepass: 'x' } }).catch(() => undefined)
    if (secret === undefined) throw new Error('the server did not start')
    reference.server.state.settings.read('requirepass', 'x')
    for (const text of [
      '*11\r\n',
      '*10\r\n',
      '*2\r\n$4\r\nAUTH\r\n$16385\r\n',
      '*2\r\n$4\r\nAUTH\r\n$1\r\nx\r\n*11\r\n$4\r\n',
    ]) {
      const [theirs, ours] = await Promise.all([
        answerTo(secret.port, [text]),
        answerTo(listening.port, [text]),
      ])
      expect([text, ours]).toEqual([text, theirs])
    }
    reference.server.state.settings.read('requirepass', '')
  })
})
