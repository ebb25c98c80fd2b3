/**
 * Failover: a master hands its role to one of its replicas, without losing a write.
 *
 *   FAILOVER ─► writes are held ─► a replica has acknowledged everything ─► we follow it:
 *                                                  PSYNC <our id> <offset + 1> FAILOVER
 *               the replica becomes master and answers +CONTINUE <new id> ─► writes get READONLY
 *
 *   no-failover ─► waiting-for-sync ─► failover-in-progress ─► no-failover
 *                        └─ time is up: aborted, or with FORCE on at once
 *
 * Source: redis 7.0 `src/replication.c`, failoverCommand, updateFailoverStatus, abortFailover.
 */
import { FOR_EVER } from '../pause.ts'
import type { ServerState } from '../server-state.ts'
import type { AttachedReplica } from './attached-replica.ts'
import type { MasterAddress } from './master-link.ts'
import type { Replication } from './replication.ts'

export type FailoverState = 'no-failover' | 'waiting-for-sync' | 'failover-in-progress'

export type FailoverRequest = {
  /** Undefined: the first replica that has everything. */
  readonly target: MasterAddress | undefined
  /** When time is up it is done all the same, at the cost of what the target has not got. */
  readonly isForced: boolean
  /** Undefined: no limit. */
  readonly timeoutMs: number | undefined
}

const MILLIS = 1000

export class Failover {
  readonly #server: ServerState
  readonly #replication: Replication
  state: FailoverState = 'no-failover'
  #target: MasterAddress | undefined
  #isForced = false
  /** Microseconds since the epoch. */
  #until: number | undefined

  constructor(server: ServerState, replication: Replication) {
    this.#server = server
    this.#replication = replication
  }

  get isUnderWay(): boolean {
    return this.state !== 'no-failover'
  }

  /** The stream must stand still: replicas would never have everything. */
  get holdsPings(): boolean {
    return this.#until !== undefined
  }

  /** The target is being asked to take over. */
  get isHandingOver(): boolean {
    return this.state === 'failover-in-progress'
  }

  begin({ target, isForced, timeoutMs }: FailoverRequest): void {
    const { clock, pause } = this.#server
    this.#target = target
    this.#isForced = isForced
    this.#until = timeoutMs === undefined ? undefined : clock.now() + timeoutMs * MILLIS
    this.state = 'waiting-for-sync'
    this.#log(`FAILOVER requested to ${this.#targetName}.`)
    pause.begin('failover', 'write', FOR_EVER)
  }

  /** ACKs may have come, time may be up. */
  look(): void {
    if (this.state !== 'waiting-for-sync') return
    if (this.#until !== undefined && this.#server.clock.now() >= this.#until) this.#timedOut()
    else if (this.#findSynced()) {
      this.#log(`Failover target ${this.#targetName} is synced, failing over.`)
      this.#handOver()
    }
  }

  abort(why: string): void {
    if (!this.isUnderWay) return
    this.#log(`FAILOVER to ${this.#targetName} aborted: ${why}`)
    if (this.isHandingOver) this.#replication.master.unfollow()
    this.over()
  }

  /** The target goes on, or gives us its dataset: it is the master now. */
  over(): void {
    if (!this.isUnderWay) return
    this.state = 'no-failover'
    this.#target = undefined
    this.#until = undefined
    this.#server.pause.end('failover')
  }

  #timedOut(): void {
    if (!this.#isForced) {
      this.abort('Replica never caught up before timeout')
      return
    }
    this.#log(`FAILOVER to ${this.#targetName} time out exceeded, failing over.`)
    this.#handOver()
  }

  #handOver(): void {
    this.state = 'failover-in-progress'
    this.#replication.master.follow(this.#target!)
  }

  /** Whether the target, or (then it becomes the target) any replica, has everything. */
  #findSynced(): boolean {
    const { replicas, history } = this.#replication
    for (const replica of replicas.all) {
      if (replica.ackOffset !== history.offset) continue
      if (this.#target !== undefined && !isAt(replica, this.#target)) continue
      this.#target ??= { host: replica.ip, port: replica.listeningPort }
      return true
    }
    return false
  }

  get #targetName(): string {
    return this.#target === undefined ? 'any replica' : `${this.#target.host}:${this.#target.port}`
  }

  #log(line: string): void {
    this.#server.surroundings.log('notice', line)
  }
}

/** The replica is the one that listens there. */
export function isAt(replica: AttachedReplica, { host, port }: MasterAddress): boolean {
  return replica.ip.toLowerCase() === host.toLowerCase() && replica.listeningPort === port
}
