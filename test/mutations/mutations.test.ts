/** Faults sown into the reference are found: a few of them here, all with `npm run mutations`. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { openSubject } from '../../src/io/subject.ts'
import { describeWithRedis } from '../support/real-redis.ts'
import { FAULTS, type Fault } from './faults.ts'
import { Copy, differencesWithoutFault, mutated, scenarioOf, seek } from './mutant.ts'

const SERVER = fileURLToPath(new URL('../../src/server/', import.meta.url))
/** The first start of a copy compiles all of it. */
const COLD_MS = 180_000
const FEW = [
  'FULLRESYNC tells an offset one too high',
  'the first byte of the backlog is refused',
  'MULTI is lost',
  'EXPIRE is propagated as it came',
  'the answer to GETACK counts the GETACK',
  'the second id ends one byte early',
]
const few = FAULTS.filter(({ name }) => FEW.includes(name))

describe('the faults', () => {
  it('are many, each with a name of its own', () => {
    expect(FAULTS.length).toBeGreaterThanOrEqual(24)
    expect(new Set(FAULTS.map(({ name }) => name)).size).toBe(FAULTS.length)
    expect(few).toHaveLength(FEW.length)
  })

  it.each(FAULTS.map((fault) => [fault.name, fault] as const))('%s: can be sown', (_, fault) => {
    const source = readFileSync(SERVER + fault.file, 'utf8')
    expect(mutated(source, fault)).not.toBe(source)
    expect(scenarioOf(fault.scenario).steps.length).toBeGreaterThan(0)
    expect(fault.matters.length).toBeGreaterThan(10)
  })

  it('are refused where their text stands twice, or not at all', () => {
    const fault: Fault = { ...FAULTS[0]!, text: 'abc', replacement: '$&' }
    expect(mutated('x abc y', fault)).toBe('x $& y')
    expect(() => mutated('abc abc', fault)).toThrow(/2 times/)
    expect(() => mutated('', fault)).toThrow(/0 times/)
  })
})

describeWithRedis('mutants beside a real server', (server) => {
  const copy = new Copy()
  afterAll(() => copy.remove())
  const real = () => openSubject('--a', server.path, [process.execPath], false)

  it('differ only by their faults: a copy without one is equal', { timeout: COLD_MS }, async () => {
    const titles = few.map(({ scenario }) => scenario)
    expect(await differencesWithoutFault(await real(), copy, titles, 2)).toEqual([])
  })

  it.each(few)('$name: found', { timeout: 60_000 }, async (fault) => {
    expect(await seek(await real(), copy, fault)).toMatchObject({ kind: 'found' })
  })

  it('that are none survive, and those that do not start are told apart', { timeout: 60_000 }, async () => {
    const [fault] = few
    const harmless = { ...fault!, replacement: fault!.text }
    const deadly = { ...fault!, file: 'server.ts', text: 'export class RedisServer', replacement: 'nonsense' }
    expect(await seek(await real(), copy, harmless)).toMatchObject({ kind: 'survived' })
    expect(await seek(await real(), copy, deadly)).toMatchObject({ kind: 'dead' })
  })
})
