/**
 * Two observations of one scenario beside each other: equal, or where they part.
 *
 *   step 4   a  → PSYNC id#1 1025   ≠   b  → PSYNC id#1 1024          the first difference
 *            a  ← CONTINUE          =   b  ← CONTINUE
 *
 * Messages are paired lane by lane, in order; what one side lacks is looked for a little ahead. During which
 * step a message passed is shown, and not compared: that depends on how fast all is. The first difference is
 * what matters; those behind it are mostly its consequences, and are counted.
 */
import type { Message } from './message.ts'

/** A message of each side that stand at the same place; one of them may be missing. */
export type Row = {
  /** Number of the message in the scenario, from 1. */
  readonly number: number
  readonly step: number
  readonly lane: string
  readonly a: Message | undefined
  readonly b: Message | undefined
  readonly isEqual: boolean
}

export type Comparison = {
  readonly rows: readonly Row[]
  readonly differences: number
  readonly first: Row | undefined
}

export function compare(a: readonly Message[], b: readonly Message[]): Comparison {
  const lanes = [...new Set([...a, ...b].map(({ lane }) => lane))].sort()
  const rows: Omit<Row, 'number'>[] = []
  for (const lane of lanes) {
    const [left, right] = [a, b].map((list) => list.filter((message) => message.lane === lane))
    let step = 0
    for (const [one, two] of paired(left!, right!)) {
      step = Math.max(step, one?.step ?? 0, two?.step ?? 0)
      rows.push({ step, lane, a: one, b: two, isEqual: isEqual(one, two) })
    }
  }
  // By step, so that the story is told in its order; the sort is stable, so lanes keep theirs.
  const told = rows.sort((x, y) => x.step - y.step).map((row, i) => ({ number: i + 1, ...row }))
  const different = told.filter((row) => !row.isEqual)
  return { rows: told, differences: different.length, first: different[0] }
}

/**
 * Two lists in which the same things stand beside each other as far as that is cheap to find. Where one side
 * has a message more, all offsets behind it differ: so likeness does not look at offsets.
 */
function paired(a: readonly Message[], b: readonly Message[]): [Message | undefined, Message | undefined][] {
  const pairs: [Message | undefined, Message | undefined][] = []
  const [likeA, likeB] = [a.map(likeness), b.map(likeness)]
  let [i, j] = [0, 0]
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && likeA[i] !== likeB[j]) {
      const inB = ahead(likeA[i]!, likeB, j)
      const inA = ahead(likeB[j]!, likeA, i)
      if (inB >= 0 && (inA < 0 || inB - j <= inA - i)) {
        while (j < inB) pairs.push([undefined, b[j++]])
        continue
      }
      if (inA >= 0) {
        while (i < inA) pairs.push([a[i++], undefined])
        continue
      }
    }
    pairs.push([a[i++], b[j++]])
  }
  return pairs
}

const LOOK_AHEAD = 32
const OFFSETS = new Set(['start', 'end', 'offset', 'asked', 'tx'])

function likeness({ kind, from, fields }: Message): string {
  return JSON.stringify([kind, from, Object.entries(fields).filter(([name]) => !OFFSETS.has(name))])
}

function ahead(like: string, list: readonly string[], from: number): number {
  const found = list.slice(from + 1, from + LOOK_AHEAD).indexOf(like)
  return found < 0 ? -1 : from + 1 + found
}

function isEqual(a: Message | undefined, b: Message | undefined): boolean {
  if (a === undefined || b === undefined) return false
  return a.kind === b.kind && a.from === b.from && JSON.stringify(a.fields) === JSON.stringify(b.fields)
}

/** Names of the fields in which two messages differ, `argv.2` going inside; empty where one is missing. */
export function differingFields(a: Message | undefined, b: Message | undefined): string[] {
  if (a === undefined || b === undefined) return []
  if (a.kind !== b.kind) return ['kind']
  const names = new Set([...Object.keys(a.fields), ...Object.keys(b.fields)])
  return [...names].flatMap((name) => {
    const [x, y] = [a.fields[name], b.fields[name]]
    if (JSON.stringify(x) === JSON.stringify(y)) return []
    if (!Array.isArray(x) || !Array.isArray(y)) return [name]
    const places = Math.max(x.length, y.length)
    const inside = Array.from({ length: places }, (_, i) => i)
    return inside.filter((i) => JSON.stringify(x[i]) !== JSON.stringify(y[i])).map((i) => `${name}.${i}`)
  })
}
