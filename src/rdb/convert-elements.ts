/**
 * What a conversion wants to know of an element before it can be carried over.
 */
import type { RdbEvent, RdbString } from '../codec/rdb/events.ts'

/** The defaults of 8.6 for how long and how many ids of XADD are remembered: seconds, and a number. */
const IDMP_DEFAULT = 100

/**
 * Whether a stream of 8.6 remembers anything of repeated XADDs that no other server and no command can take.
 */
export function remembersAdded(event: RdbEvent): boolean {
  if (event.kind === 'idmp-totals') return event.added !== 0 || event.duplicates !== 0
  if (event.kind !== 'stream-idmp') return false
  return event.producers > 0 || event.durationSeconds !== IDMP_DEFAULT || event.maxSize !== IDMP_DEFAULT
}

/** Whether a string of the event was too long to be held. */
export function hasLong(event: RdbEvent): boolean {
  switch (event.kind) {
    case 'string':
    case 'list-item':
      return typeof event.value !== 'string'
    case 'set-member':
    case 'zset-member':
      return typeof event.member !== 'string'
    case 'hash-field':
      return typeof event.field !== 'string' || typeof event.value !== 'string'
    case 'stream-entry':
      return event.fields.some((part) => typeof part !== 'string')
    case 'stream-group':
    case 'group-consumer':
      return typeof event.name !== 'string'
    case 'key':
      return typeof event.key !== 'string'
    default:
      return false
  }
}

/** Bytes of the strings of an element, about. */
export function sizeOf(event: RdbEvent): number {
  switch (event.kind) {
    case 'list-item':
      return bytesOf(event.value)
    case 'set-member':
    case 'zset-member':
      return bytesOf(event.member)
    case 'hash-field':
      return bytesOf(event.field) + bytesOf(event.value)
    case 'stream-entry':
      return event.fields.reduce((sum, part) => sum + bytesOf(part), 0)
    default:
      return 0
  }
}

function bytesOf(value: RdbString): number {
  return typeof value === 'string' ? value.length : value.preview.length
}
