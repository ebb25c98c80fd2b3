/**
 * The differences of a whole run, each once: what differs in the same way in a hundred scenarios is one
 * difference.
 *
 *   92 scenarios   snapshot-end rdbVersion        10 | 12                        first seen in full/empty
 *
 * Of messages in a row that only one side has, the first is told. Two are of one kind where the same fields
 * of the same kind of message hold the same values, numbers that look like offsets aside: those only follow
 * from what differed before.
 */
import type { Json } from '../sink/json-bytes.ts'
import { type Comparison, differingFields, type Row } from './compare.ts'
import type { Message } from './message.ts'
import { messageText } from './message-text.ts'
import type { Outcome } from './suite.ts'

export type KindOfDifference = {
  /** What differs: `snapshot-end rdbVersion`. */
  readonly what: string
  /** What each side has there. */
  readonly a: string
  readonly b: string
  /** `group/name, role` of the scenarios in which it was seen. */
  readonly scenarios: string[]
}

/** A row that no other one explains, and what differs in it. */
export type Cause = { readonly row: Row; readonly kinds: readonly Found[] }

/** Those that follow from another one are no news: offsets, and what a message shifted. */
const CONSEQUENCES =
  /^(start|end|offset|asked|tx|slave\d+|\w+_repl_offset|repl_backlog_(first_byte_offset|histlen))$/

/** Most frequent first. Of scenarios that differ in nothing but consequences, the first of those. */
export function kindsOfDifference(outcomes: readonly Outcome[]): KindOfDifference[] {
  const kinds = new Map<string, KindOfDifference>()
  for (const outcome of outcomes) {
    if (outcome.kind !== 'differs') continue
    const { scenario, comparison } = outcome
    const name = `${scenario.name}, ${scenario.role}`
    for (const found of causesIn(comparison).flatMap(({ kinds: of }) => of)) {
      const key = JSON.stringify(found)
      const known = kinds.get(key) ?? { ...found, scenarios: [] }
      if (!known.scenarios.includes(name)) known.scenarios.push(name)
      kinds.set(key, known)
    }
  }
  return [...kinds.values()].sort((x, y) => y.scenarios.length - x.scenarios.length)
}

/** In the order in which they passed; where all only follow from each other, the first. */
export function causesIn({ rows }: Comparison): Cause[] {
  const own = causes(rows)
  const told = own.length > 0 ? own : rows.filter((row) => !row.isEqual).slice(0, 1)
  return told.map((row) => ({ row, kinds: kindsOf(row) }))
}

/** Differences that no other one explains. */
function causes(rows: readonly Row[]): Row[] {
  const ending = rows.find(({ a, b }) => (a?.kind === 'missing') !== (b?.kind === 'missing'))
  const lastAlone = new Map<string, 'a' | 'b' | undefined>()
  return rows.filter((row) => {
    const alone = row.a === undefined ? 'b' : row.b === undefined ? 'a' : undefined
    const goesOn = alone !== undefined && lastAlone.get(row.lane) === alone
    lastAlone.set(row.lane, alone)
    if (row.isEqual || isConsequence(row)) return false
    if (alone === undefined || row === ending) return true
    // One side ended there: all that the other still says is missing. And what begins a run stands for it.
    return !(ending !== undefined && row.step >= ending.step) && !goesOn
  })
}

function isConsequence({ a, b }: Row): boolean {
  const fields = differingFields(a, b)
  return a !== undefined && b !== undefined && fields.every((field) => follows(field, a, b))
}

/** An offset that both sides have, or one that is asked for. */
function follows(field: string, a: Message, b: Message): boolean {
  const { argv } = a.fields
  if (field === 'argv.2') return Array.isArray(argv) && /^(PSYNC|REPLCONF)$/.test(text(argv[0]))
  if (a.kind === 'snapshot-aux') return field === 'value' && a.fields.name === 'repl-offset'
  if (a.kind === 'role') return /^reply\.[124]$/.test(field)
  return CONSEQUENCES.test(field) && (a.kind !== 'info' || (field in a.fields && field in b.fields))
}

/** What differs, wherever it does. */
export type Found = Omit<KindOfDifference, 'scenarios'>

function kindsOf({ a, b }: Row): Found[] {
  const fields = differingFields(a, b)
  if (a === undefined || b === undefined || fields[0] === 'kind')
    return [{ what: (a ?? b)!.kind, a: shown(a), b: shown(b) }]
  const own = fields.filter((field) => !follows(field, a, b))
  const names = (own.length > 0 ? own : fields).slice(0, FIELDS_MAX)
  if (a.kind === 'info' || a.kind === 'stats') return names.map((name) => infoKind(name, a, b))
  const value = (message: Message) =>
    names.map((name) => text(at(message.fields, name.split('.')))).join(', ')
  return [{ what: `${about(a)} ${names.join(' ')}`, a: value(a), b: value(b) }]
}

/** Of a field that only one side knows, its value does not matter. */
function infoKind(name: string, a: Message, b: Message): Found {
  const isShared = name in a.fields && name in b.fields
  const value = (message: Message) =>
    isShared ? text(message.fields[name]) : name in message.fields ? 'has it' : '(none)'
  return { what: `${a.kind} ${name}`, a: value(a), b: value(b) }
}

const FIELDS_MAX = 12

/** A request by its name, a header field by its own, anything else by its kind. */
function about({ kind, fields }: Message): string {
  if (kind === 'snapshot-aux' || kind === 'snapshot-key') return kind
  return Array.isArray(fields.argv) ? `${kind} ${text(fields.argv[0])}` : kind
}

function shown(message: Message | undefined): string {
  return message === undefined ? '(nothing)' : messageText(message).replace(/@\d+\.\.\d+ /, '')
}

function at(value: Json | undefined, [name, ...rest]: readonly string[]): Json | undefined {
  if (name === undefined || value === null || typeof value !== 'object') return value
  return at((value as { readonly [name: string]: Json })[name], rest)
}

function text(value: Json | undefined): string {
  if (value === undefined) return '(none)'
  return typeof value === 'string' ? value : JSON.stringify(value)
}
