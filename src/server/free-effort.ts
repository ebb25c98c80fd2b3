/**
 * What it costs to free a value: about how many allocations it has in Redis. UNLINK leaves those that have
 * many to another thread, and counts them (lazyfreed_objects); here the garbage collector frees everything,
 * bit by bit, and they are only counted.
 *
 * Source: redis 7.0 `src/lazyfree.c`, lazyfreeGetFreeEffort.
 */
import type { EncodingLimits, Value, ValueFacts } from './dataset/value.ts'

const WORTHWHILE = 64
/** Bytes of a list in one node, by default. */
const LIST_NODE_BYTES = 8192

/** It is worth being freed later. */
export function isFreedLater(value: Value, limits: EncodingLimits): boolean {
  switch (value.type) {
    case 'string':
      return false
    case 'list':
      return value.sizeBytes / LIST_NODE_BYTES > WORTHWHILE
    case 'stream':
      return value.nodes.length > WORTHWHILE
    case 'zset':
      return value.length > WORTHWHILE && TABLES.has((value as ValueFacts).encoding(limits))
    default:
      return value.size > WORTHWHILE && TABLES.has((value as ValueFacts).encoding(limits))
  }
}

const TABLES: ReadonlySet<string> = new Set(['hashtable', 'skiplist'])
