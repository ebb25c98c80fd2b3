/**
 * Settings: the configuration as it is now. Texts are bytes, one char a byte.
 *
 *   get('maxmemory') → 0        any parameter by its name in redis.conf (parameters.ts)
 *   limits.hashEntries          what hot paths read, as plain fields; kept equal by set()
 *
 * Not here: who may change what, and what must happen after a change (commands/config.ts).
 */
import { ENCODING_LIMITS, type EncodingLimits } from '../dataset/value.ts'
import type { ParameterValue } from './kinds.ts'
import { PARAMETERS, type Parameter } from './parameters.ts'

const BY_NAME: ReadonlyMap<string, Parameter> = new Map(
  PARAMETERS.flatMap((parameter) =>
    [parameter.name, parameter.alias].flatMap((name) => (name === undefined ? [] : [[name, parameter]])),
  ),
)

/** A parameter by its name or its older name, in any case. */
export function parameterOf(name: string): Parameter | undefined {
  return BY_NAME.get(name) ?? BY_NAME.get(name.toLowerCase())
}

export class Settings {
  /** Fields for hot paths; all of them are parameters too. */
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
  /** … is one that counts uses. */
  isLfu = false
  /** min-replicas-to-write */
  replicasToWrite = 0
  /** latency-tracking */
  tracksLatency = true
  lfuLogFactor = 10
  lfuDecayMinutes = 1
  /** slowlog-log-slower-than */
  slowerThanMicros = 10_000
  /** latency-monitor-threshold; 0: nobody watches */
  latencyThresholdMs = 0
  /** hll-sparse-max-bytes */
  hllSparseBytesMax = 3000
  /** proto-max-bulk-len */
  bulkBytesMax = 512 * 1024 * 1024
  /** client-query-buffer-limit */
  queryBytesMax = 1024 ** 3
  /** client-output-buffer-limit; its parts: outputLimits() */
  outputLimits = ''
  /** timeout; 0: clients may be idle for ever */
  idleSecondsMax = 0
  maxMemory = 0
  /** maxmemory-clients, in bytes; 0: no limit */
  clientsBytesMax = 0
  /** protected-mode */
  isProtected = true
  /** maxmemory-samples */
  evictionSamples = 5
  /** lazyfree-lazy-eviction: evicted keys are propagated as UNLINK. */
  lazyEviction = false
  /** stop-writes-on-bgsave-error */
  stopsWritesOnError = true
  /** replica-read-only */
  isReplicaReadOnly = true
  /** replica-serve-stale-data */
  servesStaleData = true
  readonly #values = new Map<string, ParameterValue>()

  constructor() {
    for (const { name, value } of PARAMETERS) this.#values.set(name, value)
    this.#refresh()
  }

  /** The value of a parameter; the caller knows its kind. */
  get<T extends ParameterValue>(name: string): T {
    const parameter = parameterOf(name)
    if (parameter === undefined) throw new TypeError(`no parameter is called ${name}`)
    return this.#values.get(parameter.name) as T
  }

  /** As CONFIG GET shows it. */
  print(parameter: Parameter): string {
    return parameter.kind.print(this.#values.get(parameter.name)!)
  }

  set(parameter: Parameter, value: ParameterValue): void {
    this.#values.set(parameter.name, value)
    this.#refresh()
  }

  /** The value that `text` would give a parameter. @throws BadValue */
  parse(parameter: Parameter, text: string): ParameterValue {
    return parameter.kind.read(text, this.#values.get(parameter.name)!)
  }

  /** Sets a parameter from its text in redis.conf. @throws BadValue, TypeError for a name that is none */
  read(name: string, text: string): void {
    const parameter = parameterOf(name)
    if (parameter === undefined) throw new TypeError(`no parameter is called ${name}`)
    this.set(parameter, this.parse(parameter, text))
  }

  #refresh(): void {
    const { limits } = this
    limits.hashEntries = this.get('hash-max-listpack-entries')
    limits.hashValue = this.get('hash-max-listpack-value')
    limits.setIntsetEntries = this.get('set-max-intset-entries')
    limits.zsetEntries = this.get('zset-max-listpack-entries')
    limits.zsetValue = this.get('zset-max-listpack-value')
    limits.listSize = this.get('list-max-listpack-size')
    limits.listCompress = this.get('list-compress-depth')
    limits.streamNodeBytes = this.get('stream-node-max-bytes')
    limits.streamNodeEntries = this.get('stream-node-max-entries')
    this.databases = this.get('databases')
    this.requirepass = this.get('requirepass')
    this.maxClients = this.get('maxclients')
    this.notifyKeyspaceEvents = this.get('notify-keyspace-events')
    this.lazyExpire = this.get('lazyfree-lazy-expire')
    this.lazyServerDelete = this.get('lazyfree-lazy-server-del')
    this.evictionPolicy = this.get('maxmemory-policy')
    this.isLfu = this.evictionPolicy.endsWith('lfu')
    this.replicasToWrite = this.get('min-replicas-to-write')
    this.tracksLatency = this.get('latency-tracking')
    this.lfuLogFactor = this.get('lfu-log-factor')
    this.lfuDecayMinutes = this.get('lfu-decay-time')
    this.slowerThanMicros = this.get('slowlog-log-slower-than')
    this.latencyThresholdMs = this.get('latency-monitor-threshold')
    this.hllSparseBytesMax = this.get('hll-sparse-max-bytes')
    this.bulkBytesMax = this.get('proto-max-bulk-len')
    this.queryBytesMax = this.get('client-query-buffer-limit')
    this.outputLimits = this.get('client-output-buffer-limit')
    this.idleSecondsMax = this.get('timeout')
    this.maxMemory = this.get('maxmemory')
    const clients = this.get<number>('maxmemory-clients')
    this.clientsBytesMax = clients < 0 ? Math.floor((this.maxMemory * -clients) / 100) : clients
    this.isProtected = this.get('protected-mode')
    this.evictionSamples = this.get('maxmemory-samples')
    this.lazyEviction = this.get('lazyfree-lazy-eviction')
    this.stopsWritesOnError = this.get('stop-writes-on-bgsave-error')
    this.isReplicaReadOnly = this.get('replica-read-only')
    this.servesStaleData = this.get('replica-serve-stale-data')
  }
}
