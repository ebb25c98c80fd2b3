/**
 * Elements of strings, lists, sets, sorted sets and hashes as commands, in batches.
 *
 *   SET key value · RPUSH key item… · SADD key member… · ZADD key score member… · HSET key field value…
 *   HPEXPIREAT key ms FIELDS n field…      behind its HSET, for the fields that expire at one time
 */
import type { ByteString } from '../bytes/byte-string.ts'
import type { RdbEvent } from '../codec/rdb/events.ts'
import type { RdbValueType } from '../codec/rdb/format.ts'
import { Batch, type CommandOutput } from './convert-commands.ts'
import type { Dialect } from './convert-dialect.ts'
import type { LossReport } from './convert-loss.ts'

export class ElementCommands {
  readonly #out: CommandOutput
  readonly #dialect: Dialect
  readonly #losses: LossReport
  readonly #batch = new Batch()
  /** Fields of the batch that expire, by time. */
  readonly #expiring = new Map<number, ByteString[]>()
  #type: RdbValueType = 'string'

  constructor(out: CommandOutput, dialect: Dialect, losses: LossReport) {
    this.#out = out
    this.#dialect = dialect
    this.#losses = losses
  }

  /** Elements of a key of this type follow. */
  begin(type: RdbValueType): void {
    this.#type = type
  }

  /** Takes an element of a key; its strings must be held. */
  add(key: ByteString, event: RdbEvent): void {
    switch (event.kind) {
      case 'string':
        this.#out.command('SET', key, event.value as ByteString)
        return
      case 'list-item':
        if (this.#batch.add(event.value as ByteString)) this.flush(key)
        return
      case 'set-member':
        if (this.#batch.add(event.member as ByteString)) this.flush(key)
        return
      case 'zset-member':
        if (Number.isNaN(event.score)) this.#losses.lose('nan', 'ZADD refuses a score that is not a number')
        else if (this.#batch.add(scoreText(event.score), event.member as ByteString)) this.flush(key)
        return
      case 'hash-field':
        if (event.expireAt !== undefined) this.#fieldExpires(event.field as ByteString, event.expireAt)
        if (this.#batch.add(event.field as ByteString, event.value as ByteString)) this.flush(key)
        return
      default:
        return
    }
  }

  #fieldExpires(field: ByteString, at: number): void {
    if (!this.#dialect.fieldExpiry) {
      this.#losses.lose('field-expiry', 'expiry of hash fields needs Redis 7.4 or Valkey 9')
      return
    }
    const fields = this.#expiring.get(at)
    if (fields === undefined) this.#expiring.set(at, [field])
    else fields.push(field)
  }

  /** Sends what is collected. */
  flush(key: ByteString): void {
    const batch = this.#batch
    if (batch.isEmpty) return
    this.#out.commandOf([BATCH_COMMAND[this.#type]!, key], batch.words)
    batch.clear()
    for (const [at, fields] of this.#expiring) {
      this.#out.commandOf(['HPEXPIREAT', key, String(at), 'FIELDS', String(fields.length)], fields)
    }
    this.#expiring.clear()
  }

  /** The end of a key: the rest of its elements, and its expiry. */
  end(key: ByteString, expireAt: number | undefined): void {
    this.flush(key)
    if (expireAt !== undefined) this.#out.command('PEXPIREAT', key, expireAt)
  }
}

const BATCH_COMMAND: Readonly<Partial<Record<RdbValueType, string>>> = {
  list: 'RPUSH',
  set: 'SADD',
  hash: 'HSET',
  zset: 'ZADD',
}

/** A score as ZADD reads it back to the same double. */
function scoreText(score: number): string {
  if (!Number.isFinite(score)) return score > 0 ? 'inf' : '-inf'
  return Object.is(score, -0) ? '-0' : String(score)
}
