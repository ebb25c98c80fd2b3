/** Rules: what differs by nature is made equal, what does not is left alone, and all of it is counted. */
import { describe, expect, it } from 'vitest'
import { compare } from '../../src/diff/compare.ts'
import type { Message, Observation } from '../../src/diff/message.ts'
import { normalise } from '../../src/diff/normalise.ts'
import { RULES } from '../../src/diff/rules.ts'
import { command, message, NOW, observation, request } from './observations.ts'

const ONE = '1'.repeat(40)
const TWO = 'ab'.repeat(20)
const normalised = (messages: readonly Message[], more: Partial<Observation> = {}) =>
  normalise(observation(messages, more), [], false).messages

function differences(a: readonly Message[], b: readonly Message[]): number {
  return compare(normalised(a), normalised(b)).differences
}

describe('rules', () => {
  it('each have a name of their own and a reason', () => {
    expect(new Set(RULES.map(({ name }) => name)).size).toBe(RULES.length)
    for (const { reason } of RULES) expect(reason.length).toBeGreaterThan(20)
  })

  it('name ids in order of appearance: other ids are equal, another id in their place is not', () => {
    const history = (first: string, second: string) => [
      message('resync', { mode: 'full', replid: first, offset: 0 }),
      message('info', { master_replid: second, master_replid2: '0'.repeat(40) }),
    ]
    expect(differences(history(ONE, ONE), history(TWO, TWO))).toBe(0)
    expect(differences(history(ONE, ONE), history(TWO, ONE))).toBe(1)
    expect(normalised(history(ONE, TWO))[1]?.fields).toEqual({
      master_replid: 'id#2',
      master_replid2: '0'.repeat(40),
    })
  })

  it('name ids by the step in which they appear, so that a later one renames none before it', () => {
    const promoted = [
      message('resync', { replid: ONE }),
      message('info', { master_replid: TWO, master_replid2: ONE }, { lane: 'info of subject', step: 3 }),
    ]
    const [info, resync] = normalised(promoted)
    expect(resync?.fields.replid).toBe('id#1')
    expect(info?.fields).toEqual({ master_replid: 'id#2', master_replid2: 'id#1' })
  })

  it('know an id in capitals', () => {
    const [, asked] = normalised([
      message('resync', { replid: TWO }),
      request('replica', 'PSYNC', TWO.toUpperCase(), '1'),
    ])
    expect(asked?.fields.argv).toEqual(['PSYNC', 'id#1', '1'])
  })

  it('leave digests alone: they have 40 digits too, and must be equal', () => {
    expect(differences([message('digest', { reply: ONE })], [message('digest', { reply: TWO })])).toBe(1)
  })

  it('call ports after who has them', () => {
    const ports = new Map([[45001, 'subject']])
    const said = request('replica', 'REPLCONF', 'listening-port', '45001')
    expect(normalised([said], { ports })[0]?.fields.argv).toEqual([
      'REPLCONF',
      'listening-port',
      'port of subject',
    ])
    const other = request('replica', 'REPLCONF', 'listening-port', '45002')
    expect(normalised([other], { ports })[0]?.fields.argv).toEqual(['REPLCONF', 'listening-port', '45002'])
  })

  it('tell times near now from when they were seen, others as they are', () => {
    const told = (at: number | string) => normalised([command(`PEXPIREAT k ${at}`)])[0]?.fields.argv
    expect(told(NOW + 99_800)).toEqual(['PEXPIREAT', 'k', 'now+100s'])
    expect(told(NOW + 100)).toEqual(['PEXPIREAT', 'k', 'now'])
    expect(told(4_102_444_800_000)).toEqual(['PEXPIREAT', 'k', '4102444800000'])
    expect(told(`${NOW}-7`)).toEqual(['PEXPIREAT', 'k', 'now-7'])
    // Seconds for milliseconds is a mistake that must show.
    expect(
      differences([command(`PEXPIREAT k ${NOW + 100_000}`)], [command(`PEXPIREAT k ${NOW + 100}`)]),
    ).toBe(1)
  })

  it('set ACKs by timer aside, and compare those that a step awaited', () => {
    const ack = (offset: number, awaited: boolean) => message('ack', { offset }, { from: 'replica', awaited })
    expect(differences([ack(10, false), ack(10, false)], [ack(10, false)])).toBe(0)
    expect(differences([ack(10, true)], [ack(47, true)])).toBe(1)
  })

  it('hide seconds in INFO, and nothing else of it', () => {
    const info = (seconds: string, lag: string, state: string) =>
      message('info', {
        master_last_io_seconds_ago: seconds,
        slave0: `ip=127.0.0.1,state=${state},offset=5,lag=${lag}`,
      })
    expect(differences([info('0', '0', 'online')], [info('3', '1', 'online')])).toBe(0)
    // Redis takes the two seconds of a lag from two clocks, and one may be a moment behind.
    expect(differences([info('0', '0', 'online')], [info('0', '-1', 'online')])).toBe(0)
    expect(differences([info('0', '0', 'online')], [info('0', '0', 'wait_bgsave')])).toBe(1)
  })

  it('compare what a snapshot holds, not how it is stored or in which order', () => {
    const key = (name: string, bytes: number, value: string[]) =>
      message('snapshot-key', {
        db: 0,
        key: name,
        type: 'set',
        encoding: 'hashtable',
        items: 2,
        bytes,
        value,
      })
    expect(
      differences([key('a', 10, ['x', 'y']), key('b', 4, [])], [key('b', 5, []), key('a', 9, ['y', 'x'])]),
    ).toBe(0)
    expect(differences([key('a', 10, ['x', 'y'])], [key('a', 10, ['x', 'z'])])).toBe(1)
  })

  it('compare lists in their order', () => {
    const key = (...value: string[]) => message('snapshot-key', { db: 0, key: 'l', type: 'list', value })
    expect(differences([key('x', 'y')], [key('y', 'x')])).toBe(1)
  })

  it('sort replies that have no order, and no others', () => {
    const asked = (name: string, ...reply: string[]) => [
      message('request', { argv: [name, 'k'] }, { from: 'client', lane: 'client' }),
      message('reply', { reply, type: 'array' }, { from: 'server', lane: 'client' }),
    ]
    expect(differences(asked('SMEMBERS', 'a', 'b'), asked('SMEMBERS', 'b', 'a'))).toBe(0)
    expect(differences(asked('LRANGE', 'a', 'b'), asked('LRANGE', 'b', 'a'))).toBe(1)
  })

  it('tell the offsets of a server with a past from where it stood', () => {
    const seen = (base: number) => [
      message('resync', { mode: 'full', replid: ONE, offset: base, asked: { replid: '?', offset: -1 } }),
      message('command', { argv: ['SET', 'k', '1017'], start: base, end: base + 27 }),
      request('replica', 'PSYNC', ONE, String(base + 28)),
      message('role', { reply: ['master', base + 27, [['127.0.0.1', '7001', String(base + 27)]]] }),
    ]
    const [fresh, old] = [normalised(seen(0)), normalised(seen(1000), { base: 1000 })]
    expect(old).toEqual(fresh)
  })

  it('count what they did', () => {
    const { uses } = normalise(
      observation([
        message('heartbeat', {}),
        message('resync', { replid: ONE }),
        message('resync', { replid: ONE }),
      ]),
      [],
      false,
    )
    expect(uses.find(({ name }) => name === 'heartbeats')).toMatchObject({ aside: 1, changed: 0 })
    expect(uses.find(({ name }) => name === 'replication ids')).toMatchObject({ aside: 0, changed: 2 })
  })

  it('are not used at all where strict', () => {
    const messages = [message('heartbeat', {}), message('resync', { replid: ONE })]
    expect(normalise(observation(messages), [{ kind: 'resync', reason: 'none' }], true)).toEqual({
      messages,
      uses: [],
    })
  })
})

describe('tolerances', () => {
  it('hide one field, also inside, or set a kind aside', () => {
    const seen = observation([command('SREM s a'), message('closed', { how: 'fin' })])
    const { messages, uses } = normalise(
      seen,
      [
        { kind: 'command', field: 'argv.2', reason: 'chance' },
        { kind: 'closed', reason: 'chance' },
      ],
      false,
    )
    expect(messages.map(({ fields }) => fields.argv)).toEqual([['SREM', 's', '(tolerated)']])
    expect(uses.map(({ name }) => name)).toEqual(['tolerance for command', 'tolerance for closed'])
  })
})
