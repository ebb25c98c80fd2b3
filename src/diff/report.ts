/** An outcome as JSON data: what `syncscope diff --json` prints, one object a scenario. */
import type { Json } from '../sink/json-bytes.ts'
import { differingFields, type Row } from './compare.ts'
import type { Message } from './message.ts'
import type { Use } from './normalise.ts'
import { stepText } from './step-text.ts'
import type { Outcome } from './suite.ts'

/** Differences that are told whole; the others are counted. */
const TOLD_MAX = 100

export function reportJson(outcome: Outcome): { readonly [name: string]: Json } {
  const { scenario, kind, ms } = outcome
  const head = { scenario: scenario.name, role: scenario.role, outcome: kind, ms }
  if (outcome.kind === 'not-applicable') return { ...head, why: outcome.why }
  const { rows, differences, first } = outcome.comparison
  const told = rows.filter((row) => !row.isEqual).slice(0, TOLD_MAX)
  const step = (row: Row) => {
    const found = scenario.steps[row.step]
    return found === undefined ? null : stepText(found)
  }
  return {
    ...head,
    ...(outcome.decision === undefined ? {} : { decision: outcome.decision }),
    messages: rows.length,
    differences,
    ...missingJson(rows),
    ...(first === undefined ? {} : { first: first.number }),
    told: told.map((row) => ({
      message: row.number,
      step: row.step + 1,
      does: step(row),
      lane: row.lane,
      a: messageJson(row.a),
      b: messageJson(row.b),
      fields: differingFields(row.a, row.b),
    })),
    normalised: { a: outcome.uses[0].map(useJson), b: outcome.uses[1].map(useJson) },
  }
}

/** What was awaited in vain, on each side that ended early because of it. */
function missingJson(rows: readonly Row[]): { readonly missing?: Json } {
  const found = rows.find(({ a, b }) => a?.kind === 'missing' || b?.kind === 'missing')
  if (found === undefined) return {}
  const detail = (message: Message | undefined) =>
    message?.kind === 'missing' ? message.fields.detail! : null
  return { missing: { a: detail(found.a), b: detail(found.b) } }
}

function messageJson(message: Message | undefined): Json {
  if (message === undefined) return null
  return { from: message.from, kind: message.kind, ...message.fields }
}

function useJson({ name, changed, aside }: Use): Json {
  return { rule: name, changed, aside }
}
