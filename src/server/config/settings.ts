/**
 * Settings: the configuration as typed values, under names a reader of code likes. What redis.conf calls
 * them, their
 * defaults and units, and which may change while the server runs, stands in parameters.ts.
 */
import { ENCODING_LIMITS, type EncodingLimits } from '../dataset/value.ts'

export class Settings {
  databases = 16
  requirepass = ''
  maxClients = 10_000
  readonly limits: EncodingLimits = { ...ENCODING_LIMITS }
  /** notify-keyspace-events, as its letters. */
  notifyKeyspaceEvents = ''
  /** lazyfree-lazy-expire: expired keys are propagated as UNLINK. */
  lazyExpire = false
  /** lazyfree-lazy-server-del */
  lazyServerDelete = false
  /** maxmemory-policy */
  evictionPolicy = 'noeviction'
  lfuLogFactor = 10
  lfuDecayMinutes = 1
  /** hll-sparse-max-bytes */
  hllSparseBytesMax = 3000
  /** proto-max-bulk-len */
  bulkBytesMax = 512 * 1024 * 1024
}
