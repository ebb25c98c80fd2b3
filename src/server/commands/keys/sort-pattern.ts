/**
 * Patterns of SORT's BY and GET: where else to look for what an element stands for.
 *
 *   weight_*        the string under weight_<element>
 *   user:*->name    the field name of the hash under user:<element>
 *   #               the element itself
 *
 * Source: redis 7.0 `src/sort.c`, lookupKeyByPattern.
 */
import type { ByteString } from '../../../bytes/byte-string.ts'
import type { Call } from '../../call.ts'

/** What a pattern gives for an element; null where there is nothing, or nothing of that type. */
export type Lookup = (element: ByteString) => ByteString | null

export function patternLookup(call: Call, pattern: ByteString): Lookup {
  if (pattern === '#') return (element) => element
  const star = pattern.indexOf('*')
  if (star < 0) return () => null
  const arrow = pattern.indexOf('->', star + 1)
  const hasField = arrow >= 0 && arrow + 2 < pattern.length
  const prefix = pattern.slice(0, star)
  const postfix = pattern.slice(star + 1, hasField ? arrow : pattern.length)
  const keyOf = (element: ByteString) => (prefix + element + postfix) as ByteString
  if (hasField) {
    const field = pattern.slice(arrow + 2) as ByteString
    return (element) => {
      const value = call.entry(keyOf(element))?.value
      return value?.type === 'hash' ? (value.get(field) ?? null) : null
    }
  }
  return (element) => {
    const value = call.entry(keyOf(element))?.value
    return value?.type === 'string' ? value.text : null
  }
}
