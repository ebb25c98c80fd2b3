import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ByteString, fromText } from '../../src/bytes/byte-string.ts'
import { dialectOf } from '../../src/rdb/convert-dialect.ts'
import { fixtureBytes, fixtureJson, fixtureNames } from '../support/rdb-document.ts'
import { describeEachRedis, type RealServer, startRedis } from '../support/real-redis.ts'
import { differences, toRdb, toResp } from './convert.ts'
import { pipe, randomDataset, saved } from './live-dataset.ts'
import { fixture, inMemory, snapshotOf } from './snapshot-of.ts'

/** The commands as lists of words. */
function words(commands: Buffer): string[][] {
  const all: string[][] = []
  for (let at = 0; at < commands.length; ) {
    const line = () => {
      const end = commands.indexOf('\r\n', at)
      const text = commands.toString('latin1', at + 1, end)
      at = end + 2
      return Number(text)
    }
    const argv = Array.from({ length: line() }, () => {
      const size = line()
      const word = commands.toString('latin1', at, at + size)
      expect(commands.toString('latin1', at + size, at + size + 2)).toBe('\r\n')
      at += size + 2
      return word
    })
    all.push(argv)
  }
  return all
}

/** `7.0` of `7.0.15`. */
function series({ version }: RealServer): string {
  return version.split('.', 2).join('.')
}

describeEachRedis('convert --to resp', (server) => {
  it('rebuilds a random dataset', async () => {
    const original = await randomDataset(server, 5)
    const snapshot = await saved(original)
    const { commands, losses, totals } = toResp(snapshot, `${server.flavour}-${server.version}`)
    expect(losses).toEqual([])
    const copy = await startRedis({ server })
    expect(await pipe(copy, commands)).toEqual([])
    expect(differences(snapshot, await saved(copy))).toEqual([])
    expect(await copy.digest()).toBe(await original.digest())
    expect(totals).toMatchObject({ checksum: 'good', losses: 0 })
  })

  const own = fixtureNames().find((name) => {
    const [flavour, release] = name.split('-')
    const isSame = flavour === server.flavour && release!.split('.', 2).join('.') === series(server)
    return isSame && name.endsWith('-all')
  })
  it.skipIf(own === undefined)('rebuilds every kind of value, those of modules included', async () => {
    const snapshot = fixture(own!)
    const { commands, losses } = toResp(snapshot, `${server.flavour}-${server.version}`)
    const copy = await startRedis({ server })
    const refused = await pipe(copy, commands)
    const lost = losses.map(({ key }) => String(key))
    const after = await saved(copy)
    const lines = differences(snapshot, after).filter((line) => !lost.some((key) => line.includes(key)))
    // Vector sets are not saved in the same order again, and 8.0.2 does not load those of 8.0.6, in files neither.
    const isModule = (line: string) => line.includes('  module  ')
    expect(lines.filter((line) => !isModule(line))).toEqual([])
    expect(refused).toHaveLength(
      lines.filter((line) => isModule(line) && line.startsWith('only in A')).length,
    )
    if (own!.includes(server.version)) expect(refused).toEqual([])
  })
})

describe('convert --to resp', () => {
  it.each(fixtureNames())('makes whole commands of %s, and reports what is lost', (name) => {
    const { commands, losses, totals } = toResp(fixture(name), '8.0')
    const all = words(commands)
    expect(all).toHaveLength(totals.commands)
    const { keys } = fixtureJson(name)
    if (keys !== undefined) expect(totals.keys).toBe(keys.length)
    const kinds = new Set(losses.map(({ what }) => what))
    const allowed = ['module-aux', 'key-metadata', 'idempotence']
    expect([...kinds].filter((kind) => !allowed.includes(kind))).toEqual([])
  })

  it('ends in commands or a damaged snapshot, whatever the bytes', () => {
    const bytes = fixtureBytes('redis-8.0.6-all')
    fc.assert(
      fc.property(
        fc.nat(bytes.length - 1),
        fc.integer({ min: 0, max: 255 }),
        fc.boolean(),
        (at, value, isCut) => {
          const mutant = isCut ? bytes.subarray(0, at) : Buffer.from(bytes)
          if (!isCut) mutant[at] = value
          for (const convert of [() => toResp(inMemory(mutant)), () => toRdb(inMemory(mutant), 9)]) {
            let totals: ReturnType<typeof convert>['totals']
            try {
              totals = convert().totals
            } catch (error) {
              expect(String(error)).toContain('is damaged at byte')
              continue
            }
            // Whoever reads a changed byte to the end sees it in the checksum; a byte changed to itself is no damage.
            // Made a version 2, the file has none; what it holds is the same.
            const isTheSame = mutant.equals(bytes) || totals.checksum === 'absent'
            if (isCut || isTheSame) expect(totals.losses).toBeGreaterThan(0)
            else expect(totals.checksum).toBe('bad')
          }
        },
      ),
      // A header field made shorter: it swallows the keys, and what would have been lost with them.
      {
        numRuns: 150,
        examples: [
          [10, 4, false],
          [7, 48, false],
        ],
      },
    )
  })

  it('writes for older servers what they understand', () => {
    const snapshot = fixture('redis-7.0.15-all')
    const old = toResp(snapshot, '6.0')
    const names = words(old.commands).map(([name, second]) =>
      name === 'XGROUP' ? `${name} ${second}` : name,
    )
    expect(names).not.toContain('FUNCTION')
    expect(names).not.toContain('XGROUP CREATECONSUMER')
    expect(words(old.commands).flat()).not.toContain('ENTRIESREAD')
    expect(old.losses.map(({ what }) => what)).toEqual(['function', 'function'])
    expect(toResp(fixture('redis-8.0.6-all'), '7.0').losses.map(({ what }) => what)).toContain('field-expiry')
  })

  it('writes a long string in pieces, and batches of bounded size', () => {
    const value = Buffer.alloc(3_000_000, 'some text ')
    const members = Array.from({ length: 1000 }, (_, i) => `m${i}` as ByteString)
    const snapshot = snapshotOf([
      { key: fromText('s'), value: { type: 'string', value }, expireAt: 4e12 },
      { key: fromText('t'), value: { type: 'set', members } },
    ])
    const [set, expire, ...adds] = words(toResp(snapshot).commands)
    expect(set!.slice(0, 2)).toEqual(['SET', 's'])
    expect(set![2] === value.toString('latin1')).toBe(true)
    expect(expire).toEqual(['PEXPIREAT', 's', '4000000000000'])
    expect(adds.map((add) => add.length)).toEqual([258, 258, 258, 234])
    expect(adds.flatMap((add) => add.slice(2))).toEqual(members)
  })
})

describe('target versions', () => {
  it('are those of Redis; an older Valkey speaks like 7.2', () => {
    expect(dialectOf('6.0').createsConsumers).toBe(false)
    expect(dialectOf('6.2.14')).toMatchObject({ createsConsumers: true, functions: false })
    expect(dialectOf('7.4').fieldExpiry).toBe(true)
    expect(dialectOf('valkey-8.1')).toMatchObject({ functions: true, fieldExpiry: false })
    expect(dialectOf('valkey-9').fieldExpiry).toBe(true)
  })

  it('are refused where they are none', () => {
    expect(() => dialectOf('seven')).toThrow('--target-version: "seven" is no version')
    expect(() => dialectOf('4.0')).toThrow('older than 5.0')
  })
})
