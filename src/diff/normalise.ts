/**
 * An observation as it is compared: rules and tolerances applied, and what each of them did counted.
 *
 * Keys of a snapshot are put in the order of their names here, the one change that no single message shows
 * (rule "order in a snapshot").
 */
import type { Json } from '../sink/json-bytes.ts'
import { type Message, type Observation, plain } from './message.ts'
import { type Change, RULES } from './rules.ts'
import type { Tolerance } from './scenario.ts'

/** What a rule or tolerance did to an observation. */
export type Use = {
  readonly name: string
  readonly reason: string
  /** Messages that were changed. */
  changed: number
  /** Messages that were set aside. */
  aside: number
}

export type Normalised = { readonly messages: readonly Message[]; readonly uses: readonly Use[] }

/** @param isStrict no rules and no tolerances: what was seen, as it was seen */
export function normalise(
  observation: Observation,
  tolerances: readonly Tolerance[],
  isStrict: boolean,
): Normalised {
  if (isStrict) return { messages: observation.messages, uses: [] }
  const changes: { use: Use; change: Change }[] = [
    ...tolerances.map((tolerance) => ({ ...named(tolerance), change: tolerated(tolerance) })),
    ...RULES.map((rule) => ({ ...named(rule), change: rule.begin(observation) })),
  ]
  const messages: Message[] = []
  for (const seen of ordered(observation.messages)) {
    let message: Message | undefined = seen
    for (const { use, change } of changes) {
      const changed: Message | undefined = change(message)
      if (changed === undefined) use.aside++
      else if (changed !== message && !isSame(changed, message)) use.changed++
      message = changed
      if (message === undefined) break
    }
    if (message !== undefined) messages.push(message)
  }
  return { messages, uses: changes.map(({ use }) => use).filter(({ changed, aside }) => changed + aside > 0) }
}

function named(rule: { readonly name?: string; readonly kind?: string; readonly reason: string }): {
  use: Use
} {
  const name = rule.name ?? `tolerance for ${rule.kind}`
  return { use: { name, reason: rule.reason, changed: 0, aside: 0 } }
}

function isSame(a: Message, b: Message): boolean {
  return JSON.stringify(a.fields) === JSON.stringify(b.fields)
}

function tolerated({ kind, field }: Tolerance): Change {
  return (message) => {
    if (message.kind !== kind) return message
    if (field === undefined) return undefined
    return { ...message, fields: withHidden(message.fields, field.split('.')) as Message['fields'] }
  }
}

function withHidden(value: Json, [name, ...rest]: readonly string[]): Json {
  if (name === undefined) return '(tolerated)'
  if (Array.isArray(value))
    return value.map((item, i) => (String(i) === name ? withHidden(item, rest) : item))
  if (value === null || typeof value !== 'object' || !(name in value)) return value
  return { ...value, [name]: withHidden(value[name]!, rest) }
}

/** Lane by lane, as it was written; runs of snapshot keys in the order of their names. */
function ordered(messages: readonly Message[]): Message[] {
  const lanes = [...messages].sort((a, b) => (a.lane < b.lane ? -1 : a.lane > b.lane ? 1 : 0))
  const result: Message[] = []
  for (let i = 0; i < lanes.length; ) {
    let end = i
    while (lanes[end]?.kind === 'snapshot-key' && lanes[end]?.lane === lanes[i]!.lane) end++
    if (end === i) result.push(lanes[i++]!)
    else {
      const keys = lanes.slice(i, end)
      result.push(...keys.sort(byKey))
      i = end
    }
  }
  return result
}

function byKey(a: Message, b: Message): number {
  const [x, y] = [a, b].map(({ fields }) => `${String(fields.db).padStart(6)} ${plain(fields.key)}`)
  return x! < y! ? -1 : x! > y! ? 1 : 0
}
