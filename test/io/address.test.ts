import { describe, expect, it } from 'vitest'
import { type Address, addressText, parseAddress } from '../../src/io/address.ts'

describe('addresses', () => {
  it.each<[string, Address, string]>([
    ['db1:6379', { kind: 'tcp', host: 'db1', port: 6379 }, 'db1:6379'],
    [':6380', { kind: 'tcp', host: '127.0.0.1', port: 6380 }, '127.0.0.1:6380'],
    ['[::1]:7', { kind: 'tcp', host: '::1', port: 7 }, '[::1]:7'],
    ['unix:/run/r.sock', { kind: 'unix', path: '/run/r.sock' }, 'unix:/run/r.sock'],
    ['redis://h', { kind: 'tcp', host: 'h', port: 6379 }, 'h:6379'],
    [
      'redis://me:p%40ss@[::1]:1/3',
      { kind: 'tcp', host: '::1', port: 1, login: { user: 'me', password: 'p@ss', db: 3 } },
      '[::1]:1',
    ],
  ])('%s', (text, address, shown) => {
    expect(parseAddress(text, '--master')).toEqual(address)
    expect(addressText(address)).toBe(shown)
  })

  it.each(['', 'db1', 'db1:', ':99999', '::1:6379', 'unix:', 'http://x', 'redis://', 'a b:1'])(
    'refuses %j',
    (text) => {
      expect(() => parseAddress(text, '--master')).toThrow(/^--master: .* is no address: use HOST:PORT/)
    },
  )

  it('never shows a password, also not of an address that is refused', () => {
    expect(() => parseAddress('redsi://me:secret@host', '--master')).toThrow(/^(?!.*secret)/)
    expect(() => parseAddress('rediss://me:secret@host', '--master')).toThrow(/^--master: TLS(?!.*secret)/)
  })
})
