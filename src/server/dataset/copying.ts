/** Copies of values: the same content in an object of its own (COPY). */
import { StringValue } from './string-value.ts'
import type { Value } from './value.ts'

export function copyOf(value: Value): Value {
  if (value.type === 'string') return new StringValue(value.text, value.encoding() === 'raw')
  throw new TypeError(`no copy of a ${value.type} yet`)
}
