/** SHUTDOWN by itself: what is answered behind it. With replicas: replication/restart.test.ts. */
import { expect, it } from 'vitest'
import { encodeCommand } from '../../src/codec/resp/encode.ts'
import { bytesOf, startReference } from '../support/reference.ts'

it('answers nothing behind SHUTDOWN: what was written after the last snapshot would be lost', () => {
  const reference = startReference()
  const [one, other] = [reference.client(), reference.client()]
  const words = [
    ['SET', 'k', '1'],
    ['SHUTDOWN', 'NOSAVE'],
    ['SET', 'k', '2'],
  ] as const
  one.send(Buffer.concat(words.map((argv) => encodeCommand(bytesOf(argv)))))
  expect(reference.isShutDown).toBe(true)
  expect(one.inbox).toEqual([{ type: 'simple', value: 'OK' }])
  expect(other.command('SET', 'k', '3')).toBeUndefined()
  expect(reference.effects).toEqual(['SET k 1'])
})
