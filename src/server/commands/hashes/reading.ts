/**
 * Hashes that are read: HGET, HMGET, HGETALL, HKEYS, HVALS, HLEN, HSTRLEN, HEXISTS, HSCAN.
 *
 * Source: redis 7.0 `src/t_hash.c`.
 */
import type { ByteString } from '../../../bytes/byte-string.ts'
import type { Call } from '../../call.ts'
import type { HashValue } from '../../dataset/hash-value.ts'
import { Pairs, type Reply } from '../../replies.ts'
import { scanCursor, scanOptions } from '../../scan-arguments.ts'

export function hget(call: Call): Reply {
  return hashAt(call)?.get(call.argv[2]!) ?? null
}

export function hmget(call: Call): Reply {
  const hash = hashAt(call)
  return call.argv.slice(2).map((field) => hash?.get(field) ?? null)
}

export function hlen(call: Call): Reply {
  return hashAt(call)?.size ?? 0
}

export function hstrlen(call: Call): Reply {
  return hashAt(call)?.get(call.argv[2]!)?.length ?? 0
}

export function hexists(call: Call): Reply {
  return hashAt(call)?.has(call.argv[2]!) ? 1 : 0
}

export function hgetall(call: Call): Reply {
  const items: ByteString[] = []
  eachOf(hashAt(call), (field, value) => items.push(field, value))
  return new Pairs(items)
}

export function hkeys(call: Call): Reply {
  const items: ByteString[] = []
  eachOf(hashAt(call), (field) => items.push(field))
  return items
}

export function hvals(call: Call): Reply {
  const items: ByteString[] = []
  eachOf(hashAt(call), (_, value) => items.push(value))
  return items
}

/** HSCAN key cursor [MATCH pattern] [COUNT count] */
export function hscan(call: Call): Reply {
  const cursor = scanCursor(call.argv[2]!)
  const hash = hashAt(call)
  if (hash === undefined) return ['0', []]
  const { count, matches } = scanOptions(call.argv, 3)
  const found: ByteString[] = []
  const next = hash.scan(cursor, count, (field, value) => {
    if (matches?.(field) ?? true) found.push(field, value)
  })
  return [String(next), found]
}

function hashAt(call: Call): HashValue | undefined {
  return call.find(call.argv[1]!, 'hash')
}

function eachOf(hash: HashValue | undefined, visit: (field: ByteString, value: ByteString) => void): void {
  hash?.scan(0, hash.size, visit)
}
