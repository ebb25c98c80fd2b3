/** The table of states, looked at as a whole: a table can be tested exhaustively. */
import { describe, expect, it } from 'vitest'
import { type Input, next, type State, TRANSITIONS } from '../../src/replication/states.ts'

const states = Object.keys(TRANSITIONS) as State[]
const inputs = [...new Set(states.flatMap((state) => Object.keys(TRANSITIONS[state])))] as Input[]

function reachableFrom(first: State): Set<State> {
  const reached = new Set([first])
  for (const state of reached) {
    for (const input of inputs) {
      const following = next(state, input)
      if (following !== undefined) reached.add(following)
    }
  }
  return reached
}

describe('the states of a connection', () => {
  it('are looked up, for each state and input; what is not in the table is undefined', () => {
    let defined = 0
    for (const state of states) {
      for (const input of inputs) {
        const following = next(state, input)
        if (following === undefined) continue
        expect(states).toContain(following)
        defined++
      }
    }
    expect(defined).toBeGreaterThan(20)
    expect(next('closed', 'psync')).toBeUndefined()
    expect(next('client', 'fullresync')).toBeUndefined()
  })

  it('are all reachable by a connection that begins as a client', () => {
    expect([...reachableFrom('client')].sort()).toEqual([...states].sort())
  })

  it('all end: by a fault or a close, and closed is the last', () => {
    for (const state of states) {
      if (state === 'closed') expect(TRANSITIONS[state]).toEqual({})
      else {
        expect(next(state, 'fault')).toBe('opaque')
        expect(next(state, 'closed')).toBe('closed')
      }
    }
  })

  it('never come back from opaque, nor from replicating to being a client', () => {
    expect([...reachableFrom('opaque')].sort()).toEqual(['closed', 'opaque'])
    for (const state of states) {
      const following = inputs.filter((input) => input !== 'lost').map((input) => next(state, input))
      if (state !== 'client' && state !== 'unknown') expect(following).not.toContain('client')
    }
    expect([...reachableFrom('snapshot')].sort()).toEqual(['closed', 'opaque', 'snapshot', 'streaming'])
    expect([...reachableFrom('streaming')].sort()).toEqual(['closed', 'opaque', 'streaming'])
  })

  it('are unknown behind a hole, but for a snapshot and a stream, which are found again', () => {
    const lost = states.filter((state) => next(state, 'lost') === 'unknown')
    expect(lost).toEqual(['unknown', 'client', 'negotiating', 'awaiting-resync', 'awaiting-snapshot'])
  })

  it('have a snapshot only after it was awaited', () => {
    const before = states.filter((state) => inputs.some((input) => next(state, input) === 'snapshot'))
    expect(before.sort()).toEqual(['awaiting-snapshot', 'snapshot'])
  })
})
