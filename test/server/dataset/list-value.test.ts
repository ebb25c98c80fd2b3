/** The deque of blocks beside a plain array. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ByteString } from '../../../src/bytes/byte-string.ts'
import { ListValue } from '../../../src/server/dataset/list-value.ts'

const bytes = (value: number | string) => String(value) as ByteString

type Step = (list: ListValue, model: ByteString[]) => void

/** What can be done to a list, beside the same done to an array. Numbers choose where and what. */
const STEPS: Readonly<Record<string, (where: number, what: ByteString) => Step>> = {
  pushLast: (where, what) => (list, model) => {
    for (let i = 0; i <= where % 300; i++) {
      list.pushLast(what)
      model.push(what)
    }
  },
  pushFirst: (where, what) => (list, model) => {
    for (let i = 0; i <= where % 300; i++) {
      list.pushFirst(what)
      model.unshift(what)
    }
  },
  popFirst: (where) => (list, model) => {
    for (let i = 0; i < where % 300 && model.length > 0; i++) expect(list.popFirst()).toBe(model.shift())
  },
  popLast: (where) => (list, model) => {
    for (let i = 0; i < where % 300 && model.length > 0; i++) expect(list.popLast()).toBe(model.pop())
  },
  insert: (where, what) => (list, model) => {
    const at = where % (model.length + 1)
    for (let i = 0; i < 150; i++) {
      list.insert(at, what)
      model.splice(at, 0, what)
    }
  },
  set: (where, what) => (list, model) => {
    if (model.length === 0) return
    list.set(where % model.length, what)
    model[where % model.length] = what
  },
  keep: (where) => (list, model) => {
    const first = where % (model.length + 1)
    const end = first + ((where >> 4) % (model.length - first + 1))
    list.keep(first, end)
    model.splice(0, model.length, ...model.slice(first, end))
  },
  removeFirst: (where, what) => (list, model) => {
    expect(list.removeEqual(what, where % 200, false)).toBe(removed(model, what, where % 200))
  },
  removeLast: (where, what) => (list, model) => {
    model.reverse()
    expect(list.removeEqual(what, where % 200, true)).toBe(removed(model, what, where % 200))
    model.reverse()
  },
  find: (where, what) => (list, model) => {
    if (model.length === 0) return
    const at = where % model.length
    expect(list.at(at)).toBe(model[at])
    const first = model.indexOf(what, at)
    expect(list.indexOf(what, at, model.length)).toBe(first)
    if (first >= 0) expect(list.indexOf(what, at, first)).toBe(-1)
    const last = model.lastIndexOf(what, at)
    expect(list.lastIndexOf(what, at, 0)).toBe(last)
    if (last >= 0) expect(list.lastIndexOf(what, at, last + 1)).toBe(-1)
    expect(list.range(at >> 1, at)).toEqual(model.slice(at >> 1, at))
  },
}

function removed(model: ByteString[], what: ByteString, count: number): number {
  let left = count
  const kept = model.filter((one) => one !== what || left-- <= 0)
  const gone = model.length - kept.length
  model.splice(0, model.length, ...kept)
  return gone
}

describe('a list', () => {
  it('is what an array would be, whatever is done to it', () => {
    const step = fc
      .tuple(fc.constantFrom(...Object.keys(STEPS)), fc.nat(100_000), fc.nat(4))
      .map(([name, where, what]) => STEPS[name]!(where, bytes(what)))
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
        const list = new ListValue()
        const model: ByteString[] = []
        for (const run of steps) {
          run(list, model)
          expect(list.length).toBe(model.length)
        }
        expect([...list.elements()]).toEqual(model)
        expect([...list.rdb().items]).toEqual(model)
        expect([...list.copy().elements()]).toEqual(model)
        const fresh = new ListValue()
        for (const element of model) fresh.pushLast(element)
        expect(list.sizeBytes).toBe(fresh.sizeBytes)
      }),
      { numRuns: 100 },
    )
  })

  it('does not share what it copied', () => {
    const list = new ListValue()
    list.pushLast(bytes('a'))
    const copy = list.copy()
    copy.set(0, bytes('b'))
    copy.pushLast(bytes('c'))
    expect([...list.elements()]).toEqual(['a'])
  })
})
