/** Wrong usage: status 2 and one line that names what was tried, and no password that was typed. */
import { execFile } from 'node:child_process'
import { expect, it } from 'vitest'
import { parseAddress } from '../../src/io/address.ts'

const MAIN = new URL('../../src/cli/main.ts', import.meta.url).pathname

const CAPTURE = new URL('../../fixtures/captures/disk-ethernet.pcap', import.meta.url).pathname

function run(...argv: string[]): Promise<{ status: unknown; out: string; err: string }> {
  const env = { ...process.env, LANG: 'de_DE.UTF-8', NO_COLOR: '1' }
  return new Promise((resolve) => {
    execFile(process.execPath, ['--import', 'tsx', MAIN, ...argv], { env }, (error, out, err) =>
      resolve({ status: error?.code ?? 0, out, err }),
    )
  })
}

it.each([
  [['proxy'], /Missing required argument: master \(syncscope proxy --help/],
  [['proxy', '--master', ':1', '--show'], /Not enough arguments following: show/],
  [['proxy', '--master', ':1', '--show', 'rdb', '--show', 'nonsense'], /"nonsense" is no kind/],
  [['proxy', '--master', ':1', '--master', ':2x'], /":2x" is no address/],
  [['proxy', '--master', ':1', '--color', 'red'], /Invalid values: Argument: color/],
  [['proxy', '--master', ':1', '--max-value', '8'], /--max-value: must be between 512 and 64mb/],
  [
    ['proxy', '--master', ':1', '--strip-capa', 'eof,psync3'],
    /"psync3" is no capability; there are eof, psync2,/,
  ],
  [['proxy', '--master', ':1', '--strip-capa', ''], /--strip-capa: "" is no capability/],
  [['proxy', '--master', ':1', '--filter', 'key=a', '--filter', 'dbs=0'], /"dbs=0" is not understood/],
  [
    ['proxy', '--master', ':1', 'redis://user:hush@host:1'],
    /Unknown argument: redis:\/\/\(redacted\)@host:1/,
  ],
  [['proxy', '--master', ':1', '--listen', 'unix:/no/such/directory/socket'], /cannot listen on unix:/],
  [['proxy', '--master', 'localhost:6399', '--listen', '127.0.0.1:6399'], /is where it listens itself/],
  [['proxy', '--master', ':1', '--record', '/no/such/x'], /--record: cannot write .*: no such directory/],
  [['replay', CAPTURE, '--as', 'replica', '--to', '127.0.0.1:1'], /--to: cannot reach 127.0.0.1:1/],
])('%j', { timeout: 20_000 }, async (argv, message) => {
  const { status, out, err } = await run(...argv)
  expect(err).toMatch(message)
  expect(err).toMatch(/^syncscope: [^\n]+\n$/)
  expect(err).not.toContain('hush')
  expect({ status, out }).toEqual({ status: 2, out: '' })
})

it.each(['user:hush@host:1', 'redis://user:p@hush@host:port', 'redis://:hush@', 'rediss:/u:hush@h:1'])(
  'an address that is none is told without its login: %s',
  (text) => {
    expect(() => parseAddress(text, '--master')).toThrow('(redacted)@')
    expect(() => parseAddress(text, '--master')).not.toThrow('hush')
  },
)

it('a password may contain what looks like an escape', () => {
  expect(parseAddress('redis://u:%zz@h:1', '--master')).toMatchObject({ login: { password: '%zz' } })
})
