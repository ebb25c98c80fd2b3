/** Two observations beside each other: where they part, and that what is merely shifted is found again. */
import { describe, expect, it } from 'vitest'
import { compare, differingFields } from '../../src/diff/compare.ts'
import { command, message, request } from './observations.ts'

const set = (key: string, start = 0) => command(`SET ${key} v`, start)

describe('compare', () => {
  it('finds nothing between equal observations, whatever their steps and moments', () => {
    const a = [set('a'), command('SET b v', 8, { step: 1 })]
    const b = [command('SET a v', 0, { at: 5, step: 2 }), command('SET b v', 8, { step: 2 })]
    const { rows, differences, first } = compare(a, b)
    expect(rows.map(({ isEqual }) => isEqual)).toEqual([true, true])
    expect([differences, first]).toEqual([0, undefined])
  })

  it('marks the first message that differs, and names the field', () => {
    const a = [set('a'), request('replica', 'PSYNC', 'id#1', '1025')]
    const b = [set('a'), request('replica', 'PSYNC', 'id#1', '1024')]
    const { first, differences } = compare(a, b)
    expect(first).toMatchObject({ number: 2, lane: 'link r1' })
    expect(differences).toBe(1)
    expect(differingFields(first?.a, first?.b)).toEqual(['argv.2'])
  })

  it('puts a message that one side lacks beside nothing, and the rest beside its like', () => {
    const { rows } = compare([set('a'), set('b'), set('c')], [set('a'), set('c')])
    expect(rows.map(({ a, b }) => [a !== undefined, b !== undefined])).toEqual([
      [true, true],
      [true, false],
      [true, true],
    ])
  })

  it('finds its way behind a message that moved all offsets', () => {
    const a = [set('a', 0), set('b', 8), set('c', 16)]
    const b = [message('ping', { start: 0, end: 14 }), set('a', 14), set('b', 22), set('c', 30)]
    const { rows } = compare(a, b)
    expect(rows.map(({ a: one, b: two }) => [one?.kind, two?.kind])).toEqual([
      [undefined, 'ping'],
      ...Array(3).fill(['command', 'command']),
    ])
    expect(rows.slice(1).map((row) => differingFields(row.a, row.b))).toEqual(Array(3).fill(['start', 'end']))
  })

  it('keeps lanes apart: what one client waits for says nothing of another', () => {
    const one = message('reply', { reply: 'OK' }, { lane: 'one' })
    const two = message('reply', { reply: 'no' }, { lane: 'two' })
    expect(compare([one, two], [two, one]).differences).toBe(0)
  })

  it('tells kinds apart, and who said it', () => {
    expect(compare([message('ping', {})], [message('getack', {})]).differences).toBe(1)
    expect(compare([message('closed', {})], [message('closed', {}, { from: 'replica' })]).differences).toBe(1)
    expect(differingFields(message('ping', {}), message('getack', {}))).toEqual(['kind'])
  })

  it('tells the story step by step, each lane in its own order', () => {
    const lane = (name: string, step: number) => message('reply', { reply: name }, { lane: name, step })
    const { rows } = compare(
      [lane('x', 0), lane('x', 2), lane('y', 1)],
      [lane('x', 0), lane('x', 2), lane('y', 1)],
    )
    expect(rows.map(({ lane: name, step }) => `${name}${step}`)).toEqual(['x0', 'y1', 'x2'])
    expect(rows.map(({ number }) => number)).toEqual([1, 2, 3])
  })
})
