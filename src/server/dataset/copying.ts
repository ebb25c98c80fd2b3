/** Copies of values: the same content in an object of its own (COPY). */
import type { Value } from './value.ts'

export function copyOf(value: Value): Value {
  if (value.type === 'string' || value.type === 'hash') return value.copy()
  throw new TypeError(`no copy of a ${value.type} yet`)
}
