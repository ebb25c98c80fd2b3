/** Connections that the reference makes: whatever address it was told, it hears how it ended. */
import { expect, it } from 'vitest'
import { socketDialer } from '../../src/io/socket-dialer.ts'

it.each([
  ['127.0.0.1', 99_999],
  ['127.0.0.1', -1],
  ['no\0host', 6379],
  ['', 1],
])('an address that cannot be: %j %i', async (host, port) => {
  const why = await new Promise<string | undefined>((resolve) => {
    socketDialer.dial(
      { host, port },
      { opened: () => {}, push: () => {}, drained: () => {}, closed: (reason) => resolve(reason) },
    )
  })
  expect(why).toMatch(/./)
})
