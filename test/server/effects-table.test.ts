/** What is propagated, case by case, as effects-table.txt tells of a real Redis 7.0.15. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readable } from '../../src/bytes/byte-string.ts'
import { splitInline } from '../../src/codec/resp/inline.ts'
import type { EffectUnit } from '../../src/server/effects.ts'
import { payloads } from '../support/command-lines.ts'
import { startReference, type Words } from '../support/reference.ts'
import { StandingClock } from '../support/standing-clock.ts'

/** Of a string. */
const [DUMP] = payloads() as [Buffer]

type Case = { name: string; before: string[]; steps: string[]; effects: string }

const CASES: readonly Case[] = readFileSync(new URL('./effects-table.txt', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => {
    const [name, before, does, effects] = line.split(' | ').map((cell) => (cell === '-' ? '' : cell))
    return { name: name!, before: stepsOf(before!), steps: stepsOf(does!), effects: effects! }
  })

function stepsOf(text: string): string[] {
  return text === '' ? [] : text.split(' ; ')
}

/** The units as they go over the wire: each database is selected when it changes, before MULTI. */
function streamOf(units: readonly EffectUnit[]): string {
  const lines: string[] = []
  let selected = 0
  const select = (db: number) => {
    if (db !== selected) lines.push(`SELECT ${db}`)
    selected = db
  }
  for (const { effects, isAtomic } of units) {
    if (isAtomic) {
      select(effects[0]!.db)
      lines.push('MULTI')
    }
    for (const { db, argv } of effects) {
      select(db)
      lines.push(argv.map(readable).join(' '))
    }
    if (isAtomic) lines.push('EXEC')
  }
  return lines.join(' ; ')
}

/** What the table says, as a pattern. */
function pattern(effects: string): RegExp {
  const literal = effects.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  const open = literal.replaceAll('<ms>', '\\d+').replaceAll('<member>', '[^ ]+').replaceAll('<dump>', '.+?')
  return new RegExp(`^${open}$`)
}

function run({ before, steps }: Case): string {
  const clock = new StandingClock()
  const reference = startReference({ clock })
  const { server } = reference
  const [client, other] = [reference.client(), reference.client()]
  const units: EffectUnit[] = []
  const step = (text: string) => {
    const [, directive, rest = ''] = /^\((.*?)\) ?(.*)$/.exec(text) ?? [undefined, '', text]
    const wait = /^wait (\d+)ms$/.exec(directive!)
    const times = Number(/^(\d+) times$/.exec(directive!)?.[1] ?? 1)
    if (wait !== null) {
      clock.goOn(Number(wait[1]) * 1000)
      server.state.expiry.turn(100_000)
      return
    }
    for (let i = 1; i <= times; i++) {
      const words: Words = splitInline(rest.replaceAll('<i>', String(i)))!
      const who = directive === '2nd client' ? other : client
      who.command(...words.map((word) => (word === '@DUMP' ? DUMP : Buffer.from(String(word), 'latin1'))))
    }
  }
  for (const text of before) step(text)
  server.state.effects.subscribe((unit) => units.push(unit))
  for (const text of steps) step(text)
  return streamOf(units)
}

describe('effects as a real master propagates them', () => {
  it('has a table', () => {
    expect(CASES.length).toBeGreaterThan(300)
  })

  it.each(CASES.map((one) => [one.name, one] as const))('%s', (_, one) => {
    expect(run(one)).toMatch(pattern(one.effects))
  })
})
