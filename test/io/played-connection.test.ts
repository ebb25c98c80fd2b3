/** Our end of a link: what was just said can be asked for by its place, in whatever pieces it came. */
import { connect, createServer, type Socket } from 'node:net'
import { expect, it } from 'vitest'
import { PlayedConnection, PlayedListener } from '../../src/io/played-connection.ts'

const PIECES = ['+PONG\r\n*1\r\n$4\r\n', 'PI', 'NG\r\n*1\r\n$4\r\nping\r\n']

async function pair(): Promise<readonly [Socket, Socket]> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const here = connect(port, '127.0.0.1')
  const there = await new Promise<Socket>((resolve) => server.once('connection', resolve))
  server.close()
  return [here, there]
}

it('tells how something was spelt that came in pieces', async () => {
  const [here, there] = await pair()
  const played = new PlayedConnection(here, 'replica', () => {})
  there.setNoDelay(true)
  for (const piece of PIECES) {
    there.write(piece)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  expect(played.said(7, 21)?.toString()).toBe('*1\r\n$4\r\nPING\r\n')
  expect(played.said(21, 35)?.toString()).toBe('*1\r\n$4\r\nping\r\n')
  there.write('x'.repeat(300))
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(played.said(7, 21)).toBeUndefined()
  played.close()
  there.destroy()
})

it('has a port that nobody else is given, again after it was shut', async () => {
  const doors = [new PlayedListener(() => {}), new PlayedListener(() => {})]
  await Promise.all(doors.map((door) => door.open()))
  const [one, two] = doors.map(({ port }) => port)
  expect(one).not.toBe(two)
  doors[0]!.shut()
  await doors[0]!.open()
  expect(doors[0]!.port).toBe(one)
  for (const door of doors) door.shut()
})
