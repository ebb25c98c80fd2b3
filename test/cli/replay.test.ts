/** What replay refuses, in one line that says why. */
import { expect, it } from 'vitest'
import { type ReplayArguments, runReplay } from '../../src/cli/replay.ts'
import { UsageError } from '../../src/usage-error.ts'

const CAPTURES = new URL('../../fixtures/captures/', import.meta.url).pathname
const CAPTURE = `${CAPTURES}disk-ethernet.pcap`

const ARGUMENTS: ReplayArguments = {
  file: CAPTURE,
  speed: '1',
  force: false,
  json: false,
  keys: false,
  values: false,
  quiet: true,
  summary: false,
  color: 'never',
  maxValue: '64kb',
  showSecrets: false,
}

it.each<[Partial<ReplayArguments>, RegExp]>([
  [{}, /^replay needs one of --as master, --as replica, --apply ADDR$/],
  [{ as: 'replica' }, /^--as replica needs --to ADDR/],
  [{ as: 'replica', to: ':1', listen: ':2' }, /^--listen goes with --as master$/],
  [{ as: 'master', to: ':1' }, /^--to goes with --as replica/],
  [{ as: 'master', apply: ':1' }, /^--apply and --as exclude each other$/],
  [{ as: 'master', force: true }, /^--force goes with --apply$/],
  [{ as: 'master', speed: '0' }, /^--speed: "0" is neither a number above 0 nor max$/],
  [{ as: 'master', speed: 'fast' }, /^--speed: "fast" is neither/],
  [{ as: 'master', link: 99 }, /^--link 99: there is no such link; there (are|is) \d+/],
  [{ as: 'master', file: '-' }, /^replay reads its file twice: give it a name$/],
  [{ as: 'master', file: '/no/such/x' }, /^cannot read \/no\/such\/x: no such file$/],
  [{ as: 'master', file: `${CAPTURES}make.sh` }, /^make\.sh: /],
  [{ as: 'master', listen: 'nowhere' }, /^--listen: "nowhere" is no address/],
  [{ apply: 'redis://u:hush@127.0.0.1:1' }, /^--apply: cannot connect to 127\.0\.0\.1:1: [^\n]*$/],
  // The same session with its packets cut after 96 bytes.
  [
    { as: 'master', file: `${CAPTURES}disk-snaplen-96.pcap` },
    /^link 1 of .*: [\d,]+ bytes of the snapshot are missing, from master byte [\d,]+ on: it cannot be played$/,
  ],
])('%j', async (args, message) => {
  const refused = await runReplay({ ...ARGUMENTS, ...args }).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(UsageError)
  expect((refused as Error).message).toMatch(message)
})
