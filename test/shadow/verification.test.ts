/**
 * A verification beside a replica that we play: it lags as it likes, and where somebody writes on it, that is
 * found with the right key, element and commands.
 */
import { describe, expect, it } from 'vitest'
import type { Agreement, Divergence } from '../../src/shadow/findings.ts'
import { Verification } from '../../src/shadow/verification.ts'
import { mulberry32 } from '../support/every-split.ts'
import { ShadowSession } from '../support/shadow-session.ts'
import { randomWrite } from '../support/steady-writes.ts'

type Options = {
  readonly hasDebug?: boolean
  readonly digestsAlike?: boolean
  readonly waitingBytesMax?: number
}

class Observed {
  readonly session = new ShadowSession()
  readonly agreements: Agreement[] = []
  readonly divergences: Divergence[] = []
  readonly notices: string[] = []
  readonly verification: Verification
  #told = 0

  constructor({ hasDebug = true, digestsAlike = true, waitingBytesMax = 1e6 }: Options = {}) {
    this.verification = new Verification({
      waitingBytesMax,
      listener: {
        begins: () => {},
        agrees: (agreement) => this.agreements.push(agreement),
        diverges: (divergence) => this.divergences.push(divergence),
        passEnds: () => {},
        notice: (text) => this.notices.push(text),
      },
    })
    this.verification.abilities = { hasDebug, digestsAlike, hasExpireTime: true }
  }

  begin(): void {
    this.session.replicaBegins()
    this.#told = this.session.stream.length
    this.verification.begin(this.session.beginning())
  }

  /** What was written has passed. */
  pass(): void {
    for (; this.#told < this.session.stream.length; this.#told++) {
      this.verification.unit(this.session.stream[this.#told]!)
    }
  }

  /** One question and its answer; `between` happens while they are on their way. */
  ask(between: () => void = () => {}): void {
    const { verification, session } = this
    const question = verification.next()
    if (question === undefined) return
    const answer = session.answer(question)
    between()
    this.pass()
    verification.answered(answer)
    while (!verification.work(3));
  }

  /** Until a pass more is over. */
  wholePass(): void {
    const passes = this.verification.passes + 1
    for (let i = 0; i < 1000 && this.verification.passes <= passes; i++) this.ask()
  }
}

describe('a verification', () => {
  it.each([true, false])(
    'raises no alarm while writes go on and the replica lags (DEBUG: %s)',
    (hasDebug) => {
      const observed = new Observed({ hasDebug })
      const { session } = observed
      const next = mulberry32(7)
      for (let i = 0; i < 2000; i++) for (const words of randomWrite(next, 40)) session.master(...words)
      observed.begin()
      for (let i = 0; i < 250; i++) {
        for (let n = next() * 30; n > 0; n--) {
          for (const words of randomWrite(next, 40)) session.master(...words)
        }
        observed.pass()
        session.replicaTakes(Math.floor(next() * 40))
        observed.ask(() => {
          for (const words of randomWrite(next, 40)) session.master(...words)
          session.replicaTakes(Math.floor(next() * 5))
        })
      }
      expect(observed.divergences).toEqual([])
      expect(observed.notices).toEqual([])
      expect(observed.agreements.length).toBeGreaterThan(20)
      expect(observed.verification.keys).toBeGreaterThan(2000)
    },
  )

  it('goes ahead where a replica lags beyond what may wait, and goes on when it comes', () => {
    const observed = new Observed({ waitingBytesMax: 20_000 })
    const { session, verification } = observed
    for (let i = 0; i < 50; i++) session.master('SET', `k${i}`, i)
    observed.begin()
    for (let i = 0; i < 5000; i++) session.master('INCR', `k${i % 50}`)
    observed.pass()
    expect(verification.forced).toBeGreaterThan(4000)
    for (let i = 0; i < 20; i++) observed.ask()
    expect([verification.keys, observed.agreements.length]).toEqual([0, 0])
    expect(verification.late).toBeGreaterThan(10)
    session.replicaTakes()
    observed.wholePass()
    expect(observed.agreements.at(-1)).toMatchObject({ keys: 50 })
    expect(observed.divergences).toEqual([])
  })

  const TYPES: [string, string[][], string[], object][] = [
    [
      'string',
      [['SET', 'k', 'ours']],
      ['SET', 'k', 'theirs'],
      { kind: 'value', ours: 'ours', theirs: 'theirs' },
    ],
    [
      'list',
      [['RPUSH', 'k', 'a', 'b', 'c']],
      ['LSET', 'k', '1', 'x'],
      { kind: 'item', name: '1', ours: 'b', theirs: 'x' },
    ],
    [
      'set',
      [['SADD', 'k', 'a', 'b']],
      ['SADD', 'k', 'x'],
      { kind: 'member', name: 'x', ours: undefined, theirs: '' },
    ],
    [
      'zset',
      [['ZADD', 'k', '1', 'a', '2', 'b']],
      ['ZADD', 'k', '3', 'b'],
      { kind: 'member', name: 'b', ours: '2', theirs: '3' },
    ],
    [
      'hash',
      [['HSET', 'k', 'f', 'v', 'g', 'w']],
      ['HSET', 'k', 'g', 'x'],
      { kind: 'field', name: 'g', ours: 'w', theirs: 'x' },
    ],
    [
      'hash, less',
      [['HSET', 'k', 'f', 'v', 'g', 'w']],
      ['HDEL', 'k', 'g'],
      { kind: 'field', name: 'g', ours: 'w', theirs: undefined },
    ],
    [
      'stream',
      [['XADD', 'k', '5-1', 'f', 'v']],
      ['XADD', 'k', '6-1', 'f', 'v'],
      { kind: 'stream', name: 'last id', ours: '5-1', theirs: '6-1' },
    ],
    [
      'group',
      [['XADD', 'k', '5-1', 'f', 'v']],
      ['XGROUP', 'CREATE', 'k', 'g', '0'],
      { kind: 'group', name: 'g', ours: undefined },
    ],
    [
      'deadline',
      [['SET', 'k', 'v']],
      ['PEXPIREAT', 'k', '1900000000000'],
      { kind: 'expiry', ours: 'none', theirs: '1900000000000' },
    ],
    [
      'another deadline',
      [['SET', 'k', 'v', 'PXAT', '1900000000001']],
      ['PEXPIREAT', 'k', '1900000000000'],
      { kind: 'expiry', ours: '1900000000001' },
    ],
    ['type', [['SET', 'k', 'v']], ['SETTYPE'], { kind: 'type', ours: 'string', theirs: 'list' }],
    ['missing', [['SET', 'k', 'v']], ['DEL', 'k'], { kind: 'missing', ours: 'string' }],
    ['extra', [['SET', 'other', 'v']], ['SET', 'k', 'v'], { kind: 'extra', theirs: 'string' }],
  ]

  describe.each([true, false])('DEBUG allowed: %s', (hasDebug) => {
    it.each(TYPES)('finds a %s that was changed by hand', (name, writes, hand, difference) => {
      const observed = new Observed({ hasDebug })
      const { session } = observed
      for (let i = 0; i < 300; i++) session.master('SET', `filler:${i}`, 'v')
      session.master('SELECT', '2')
      for (const words of writes) session.master(...words)
      observed.begin()
      observed.wholePass()
      expect(observed.divergences).toEqual([])
      const pass = observed.agreements.length
      if (name === 'type') {
        session.byHand(2, 'DEL', 'k')
        session.byHand(2, 'RPUSH', 'k', 'v')
      } else session.byHand(2, ...hand)
      session.master('SET', 'filler2', 'w')
      session.replicaTakes()
      observed.pass()
      observed.wholePass()
      observed.wholePass()
      expect(observed.divergences).toMatchObject([{ db: 2, key: 'k', difference, touches: { count: 0 } }])
      // Told once, but not forgotten: no pass agrees while it is so.
      expect(observed.agreements.length).toBe(pass)
    })
  })

  it('tells which commands of the stream touched the key since it last agreed', () => {
    const observed = new Observed()
    const { session } = observed
    session.master('SET', 'k', 'a')
    session.master('SET', 'other', 'a')
    observed.begin()
    observed.wholePass()
    session.byHand(0, 'APPEND', 'k', '!')
    for (const words of [
      ['APPEND', 'k', 'b'],
      ['SET', 'other', 'b'],
      ['APPEND', 'k', 'c'],
    ]) {
      session.master(...words)
    }
    observed.pass()
    session.replicaTakes()
    observed.wholePass()
    const [divergence] = observed.divergences
    expect(divergence).toMatchObject({ key: 'k', difference: { ours: 'abc', theirs: 'a!bc' } })
    expect(divergence!.touches.commands.map(({ argv }) => argv.join(' '))).toEqual([
      'APPEND k b',
      'APPEND k c',
    ])
    expect(divergence!.touches.commands[0]!.start).toBeGreaterThanOrEqual(divergence!.agreedAt)
    expect(divergence!.offset).toBe(session.replica.offset)
  })

  it.each([true, false])(
    'believes a digest that differed and does not any longer, if it is of 7.0: %s',
    (alike) => {
      const observed = new Observed({ digestsAlike: alike })
      const { session, verification } = observed
      session.master('SET', 'k', 'v')
      observed.begin()
      const question = verification.next()!
      const answer = session.answer(question)
      verification.answered({ ...answer, keys: [{ ...answer.keys[0]!, digest: 'f'.repeat(40) }] })
      expect(verification.work(1)).toBe(true)
      observed.wholePass()
      const told = observed.divergences.map(({ difference }) => difference.kind)
      expect(told).toEqual(alike ? ['passing'] : [])
      expect(observed.agreements.length).toBeGreaterThan(0)
    },
  )

  it('compares nothing when the stream has a hole, and begins anew with the next snapshot', () => {
    const observed = new Observed()
    const { session, verification } = observed
    session.master('SET', 'k', 'v')
    observed.begin()
    verification.lost('12 bytes of the stream are missing', 10)
    expect(verification.next()).toBeUndefined()
    expect(observed.notices).toEqual([expect.stringContaining('behind offset 10: nothing is compared')])
    observed.begin()
    observed.wholePass()
    expect(observed.agreements).toMatchObject([{ keys: 1 }])
  })

  it('leaves out what only a newer server understands', () => {
    const observed = new Observed()
    const { session, verification } = observed
    session.master('HSET', 'k', 'f', 'v')
    session.master('SET', 'sound', 'v')
    observed.begin()
    const { offset } = session.replica
    const about = { db: 0, start: offset, end: offset + 10, at: 0, tx: undefined, isWanted: true }
    const argv = ['HPEXPIREAT', 'k', '1900000000000', 'FIELDS', '1', 'f'] as never
    verification.unit({
      start: offset,
      end: offset + 10,
      at: 0,
      commands: [{ name: 'HPEXPIREAT', argv, ...about }],
    })
    session.byHand(0, 'HSET', 'k', 'f', 'as the newer server has it')
    session.replica.offset = offset + 10
    observed.wholePass()
    expect(observed.divergences).toEqual([])
    expect(observed.agreements.at(-1)).toMatchObject({ keys: 1, leftOut: 1 })
    expect(observed.notices).toEqual([
      expect.stringMatching(/^HPEXPIREAT at offset \d+ fails in the reference/),
    ])
  })

  it('does not believe a replica that has another history, wherever it stands there', () => {
    const observed = new Observed()
    const { session, verification } = observed
    session.master('SET', 'k', 'v')
    observed.begin()
    session.byHand(0, 'SET', 'k', 'of another history')
    const said: (string | undefined)[] = []
    for (let i = 0; i < 60; i++) {
      const question = verification.next()!
      said.push(verification.answered({ ...session.answer(question), replid: 'b'.repeat(40) }))
      expect(verification.work(1)).toBe(true)
    }
    expect(observed.divergences).toEqual([])
    expect(said.filter(Boolean)).toEqual([expect.stringContaining('another history')])
  })

  it.each(['lost', 'begins anew'])('asks again when the dataset is %s while an answer waits', (how) => {
    const observed = new Observed()
    const { session, verification } = observed
    session.master('SET', 'k', 'v')
    observed.begin()
    const answer = session.answer(verification.next()!)
    verification.answered({ ...answer, offset: answer.offset! + 10 })
    expect(verification.work(1)).toBe(false)
    if (how === 'lost') verification.lost('12 bytes of the stream are missing', 10)
    observed.begin()
    observed.wholePass()
    expect(observed.agreements.length).toBeGreaterThan(0)
  })

  it('does not take the answer to an earlier dataset for one to this', () => {
    const observed = new Observed()
    const { session, verification } = observed
    session.master('SET', 'k', 'v')
    observed.begin()
    const question = verification.next()!
    session.byHand(0, 'SET', 'k', 'before the resync')
    const answer = session.answer(question)
    observed.begin()
    expect(verification.answered(answer)).toBeUndefined()
    expect(verification.work(1)).toBe(true)
    observed.wholePass()
    expect(observed.divergences).toEqual([])
  })

  it.each(['FLUSHALL', 'FLUSHDB'])('goes on where %s takes away the keys in the middle of a pass', (name) => {
    const observed = new Observed()
    const { session } = observed
    for (let i = 0; i < 500; i++) session.master('SET', `k${i}`, i)
    observed.begin()
    observed.ask()
    session.master(name)
    session.replicaTakes()
    observed.pass()
    observed.wholePass()
    expect(observed.agreements.length).toBeGreaterThan(0)
    expect(observed.divergences).toEqual([])
  })

  it('visits all keys where databases change places in the middle of a pass', () => {
    const observed = new Observed()
    const { session, verification } = observed
    for (let i = 0; i < 300; i++) session.master('SET', `k${i}`, i)
    session.master('SELECT', '1')
    for (let i = 0; i < 300; i++) session.master('SET', `l${i}`, i)
    observed.begin()
    observed.ask()
    session.master('SWAPDB', '0', '1')
    session.replicaTakes()
    observed.pass()
    while (observed.agreements.length === 0) observed.ask()
    expect(observed.agreements[0]!.keys).toBe(600)
    expect(verification.passes).toBe(1)
  })

  it('tells the commands of a key that has changed places since, and no FLUSHDB of elsewhere', () => {
    const observed = new Observed()
    const { session, verification } = observed
    session.master('SET', 'k', 'a')
    observed.begin()
    session.master('APPEND', 'k', 'b')
    session.master('SELECT', '5')
    session.master('SET', 'other', 'v')
    session.master('FLUSHDB')
    session.master('SWAPDB', '0', '1')
    session.replicaTakes()
    session.byHand(1, 'SET', 'k', 'x')
    observed.pass()
    while (verification.finishedPasses === 0) observed.ask()
    expect(observed.divergences).toMatchObject([{ db: 1, key: 'k' }])
    const told = observed.divergences[0]!.touches.commands.map(({ argv }) => argv.join(' '))
    expect(told).toEqual(['APPEND k b', 'SWAPDB 0 1'])
  })

  it('leaves out what is made from a key that only a newer server knows, until it is gone', () => {
    const observed = new Observed()
    const { session, verification } = observed
    session.master('HSET', 'k', 'f', 'v')
    observed.begin()
    const start = session.replica.offset
    const passing = (at: number, ...words: string[]) => {
      const about = { db: 0, start: at, end: at + 10, at: 0, tx: undefined, isWanted: true }
      const command = { name: words[0]!, argv: words as never, ...about }
      verification.unit({ start: at, end: at + 10, at: 0, commands: [command] })
    }
    passing(start, 'HPEXPIREAT', 'k', '1900000000000', 'FIELDS', '1', 'f')
    passing(start + 10, 'RENAME', 'k', 'other')
    session.byHand(0, 'HSET', 'k', 'f', 'as the newer server has it')
    session.byHand(0, 'RENAME', 'k', 'other')
    session.replica.offset = start + 20
    observed.wholePass()
    expect(observed.divergences).toEqual([])
    passing(start + 20, 'DEL', 'k', 'other')
    session.byHand(0, 'DEL', 'other')
    session.replica.offset = start + 30
    observed.wholePass()
    expect(observed.divergences).toEqual([])
    expect(observed.agreements.at(-1)).toMatchObject({ leftOut: 0 })
  })
})
