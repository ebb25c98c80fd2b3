/**
 * Which commands a server of a given version understands.
 *
 *   6.0  XGROUP CREATECONSUMER is missing (6.2)
 *   7.0  functions; counters of streams and groups          the default
 *   7.4  expiry of hash fields; Valkey: 9.0
 */
import { UsageError } from '../usage-error.ts'

export type Dialect = {
  readonly createsConsumers: boolean
  readonly functions: boolean
  /** XGROUP CREATE … ENTRIESREAD, XSETID … ENTRIESADDED … MAXDELETEDID. */
  readonly streamCounters: boolean
  readonly fieldExpiry: boolean
}

/** Up to here a Valkey speaks like Redis 7.2. */
const FIRST_OWN_VALKEY = 9

/** @param version `7.0`, `8`, `6.2.14`, `valkey-8.1`. @throws UsageError */
export function dialectOf(version: string): Dialect {
  const match = /^(redis-|valkey-)?(\d+)(?:\.(\d+))?(?:\.\d+)?$/.exec(version)
  if (match === null) {
    throw new UsageError(`--target-version: "${version}" is no version; write 7.0, 6.2 or valkey-8.1`)
  }
  const major = Number(match[2])
  const isOlderValkey = match[1] === 'valkey-' && major < FIRST_OWN_VALKEY
  const number = isOlderValkey ? 702 : major * 100 + Number(match[3] ?? 0)
  if (number < 500)
    throw new UsageError(`--target-version: ${version} is older than 5.0, the oldest supported`)
  return {
    createsConsumers: number >= 602,
    functions: number >= 700,
    streamCounters: number >= 700,
    fieldExpiry: number >= 704,
  }
}
