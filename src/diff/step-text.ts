/** A step on one line, for reports: `ask: SET k v · INCR n`, `psync r1: learned seen+1`. */
import type { OffsetExpr, Step } from './step.ts'

export function stepText(step: Step): string {
  const { do: verb, ...rest } = step
  const words = Object.entries(rest)
    .filter(([, value]) => value !== undefined && value !== 'subject')
    .map(([name, value]) => valueText(name, value))
    .filter((text) => text !== '')
  return [verb, ...words].join(' ')
}

const QUIET = new Set([
  'within',
  'replies',
  'dataset',
  'version',
  'first',
  'isApplied',
  'isStalled',
  'isOpen',
])

function valueText(name: string, value: unknown): string {
  if (QUIET.has(name) || (name === 'client' && value === 'client')) return ''
  if (name === 'offset') return offsetText(value as OffsetExpr)
  if (Array.isArray(value)) return value.join(' · ')
  if (typeof value !== 'object' || value === null) return String(value)
  const inner = Object.entries(value)
  return inner
    .map(([key, item]) => (typeof item === 'object' ? `${key} ${offsetText(item)}` : `${item}`))
    .join(' ')
}

function offsetText(expr: OffsetExpr): string {
  if (typeof expr === 'number') return String(expr)
  const plus = expr.plus === 0 ? '' : expr.plus > 0 ? `+${expr.plus}` : String(expr.plus)
  return `${expr.of}${plus}`
}
