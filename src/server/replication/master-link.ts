/**
 * MasterLink: this server as a replica: whom it follows, in which state that is, and what happens when it
 * breaks.
 *
 *   REPLICAOF, cron ─► a connection (link-session.ts) ─► up ─► lost ─► another connection …
 *
 * The states and what a loss means in each are tables (link-states.ts). Where we are in the master's
 * history is our own history (history.ts); what is kept here beside it is the database that was selected
 * there: as long as that is known, a master is asked to go on ("cached master").
 *
 * Source: redis 7.0 `src/replication.c`, replicationSetMaster, replicationUnsetMaster, replicationCron,
 * replicationCacheMaster, replicationHandleMasterDisconnection.
 */
import { parameterOf } from '../config/settings.ts'
import { Failure } from '../replies.ts'
import type { ServerState } from '../server-state.ts'
import type { IntroductionOwner, Wish } from './introduction.ts'
import { LinkSession } from './link-session.ts'
import { type LinkInput, type LinkState, LOSSES, nextLinkState, type Retry } from './link-states.ts'
import type { Replication } from './replication.ts'
import type { SnapshotIntake } from './snapshot-intake.ts'

export type MasterAddress = { readonly host: string; readonly port: number }

const MICROS = 1_000_000
const FORCED = new Failure(
  'UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)',
)
const SYNTHESIZED =
  'Before turning into a replica, using my own master parameters to synthesize a cached master: I may be ' +
  'able to synchronize with the new master with just a partial transfer.'

export class MasterLink implements IntroductionOwner {
  readonly #server: ServerState
  readonly #replication: Replication
  state: LinkState = 'none'
  /** Whom we follow; undefined on a master. */
  target: MasterAddress | undefined
  #session: LinkSession | undefined
  /** What is left of a master with whom we may go on where we were. */
  #cached: { readonly db: number } | undefined
  /** Since when the link is down, after having been up. */
  #downAt: number | undefined

  constructor(server: ServerState, replication: Replication) {
    this.#server = server
    this.#replication = replication
  }

  get isUp(): boolean {
    return this.state === 'connected'
  }

  /** The database that is selected on the stream, where that is known. */
  get streamDb(): number | undefined {
    return this.isUp ? this.#session!.db : this.#cached?.db
  }

  /** Offset of the last byte that has come. */
  get readOffset(): number {
    const { offset } = this.#replication.history
    return this.isUp ? (this.#session!.readOffset ?? offset) : offset
  }

  /** Since the last byte came, or the last attempt began. */
  get silentSeconds(): number {
    return this.#session === undefined ? 0 : this.#secondsSince(this.#session.heardAt)
  }

  /** Undefined: it is up, or never was. */
  get downSeconds(): number | undefined {
    return this.#downAt === undefined ? undefined : this.#secondsSince(this.#downAt)
  }

  /** The snapshot that is coming. */
  get intake(): SnapshotIntake | undefined {
    return this.#session?.intake
  }

  /** What to ask a master for: to go on, where that is possible. */
  get wish(): Wish {
    const { history, failover } = this.#replication
    if (this.#cached === undefined) return undefined
    return { replid: history.replid, offset: history.offset + 1, isFailover: failover.isHandingOver }
  }

  /** Follows a master as the configuration says; connects in the first second. */
  begin(target: MasterAddress): void {
    this.target = target
    this.#replication.feed.isRelaying = true
    this.move('follow')
  }

  /** Our data was taken from disk, where it is told that this database was selected on the stream. */
  remember(db: number): void {
    this.log('notice', SYNTHESIZED)
    this.#cached = { db }
  }

  /** Follows a master from now on (REPLICAOF). */
  follow(target: MasterAddress): void {
    const wasMaster = this.target === undefined
    this.#part()
    this.#server.blocked.endAll(FORCED)
    this.target = target
    this.#configure(`${target.host} ${target.port}`)
    this.#replication.feed.isRelaying = true
    if (wasMaster) {
      this.log('notice', SYNTHESIZED)
      this.#cached = { db: Math.max(0, this.#replication.feed.selectedDb) }
      this.move('follow')
    }
    this.#connectAnew()
  }

  /** Is a master from now on. */
  unfollow(): void {
    // We are master before we part: so the log says.
    this.target = undefined
    this.#configure('')
    this.#part()
    this.forget()
    this.#downAt = undefined
    this.move('unfollow')
    this.#replication.promote()
  }

  /** CONFIG GET and CONFIG REWRITE tell it. */
  #configure(value: string): void {
    this.#server.settings.set(parameterOf('replicaof')!, value)
  }

  /** The server ends. */
  stop(): void {
    this.#session?.end()
    this.#session = undefined
  }

  /** Once a second. */
  cron(): void {
    if (this.state === 'none' || this.#isBusy) return
    const { silent } = LOSSES[this.state]
    if (silent !== undefined && this.silentSeconds > this.#server.settings.get<number>('repl-timeout')) {
      this.log('warning', silent)
      if (this.isUp) this.log('warning', LOSSES.connected.broken)
      this.giveUp('at-once')
    } else if (this.state === 'connect') this.#connectAnew()
    else if (this.isUp) this.#session!.acknowledge()
  }

  /** It loads what is all here, and listens to nobody. What is loaded as it comes has to come. */
  get #isBusy(): boolean {
    return this.#server.isLoading && (this.intake === undefined || this.intake.isWhole)
  }

  move(input: LinkInput): void {
    this.state = nextLinkState(this.state, input)
  }

  log(level: 'notice' | 'warning', line: string): void {
    this.#server.surroundings.log(level, line)
  }

  /**
   * Nothing more comes of the present connection: there will be another.
   * @param mayGoOn false: it broke in a way that leaves nothing to go on from
   */
  giveUp(retry: Retry, mayGoOn = true): void {
    const wasUp = this.isUp
    if (this.state === 'receive-psync-reply' && this.refused()) return
    const { host, port } = this.target!
    this.#leave(mayGoOn)
    if (wasUp) this.#downAt = this.#server.clock.now()
    if (retry === 'next-second') return
    this.log('notice', `Reconnecting to MASTER ${host}:${port}${wasUp ? '' : ' after failure'}`)
    this.#connect()
  }

  /** @see IntroductionOwner.refused */
  refused(): boolean {
    const { failover } = this.#replication
    const isOver = failover.isHandingOver
    if (isOver) failover.abort('Failover target rejected psync request')
    return isOver
  }

  /** Nobody can go on from where we were. */
  forget(): void {
    if (this.#cached === undefined) return
    this.log('notice', 'Discarding previously cached master state.')
    this.#cached = undefined
  }

  /** The master goes on where we were. @returns the database selected there; undefined: nobody knows it */
  resumed(): number | undefined {
    const db = this.#cached?.db
    this.#cached = undefined
    return db
  }

  /** The stream begins. */
  isNowUp(how: 'continue' | 'loaded'): void {
    this.move(how)
    this.#downAt = undefined
  }

  /** From a master that is still there. */
  #part(): void {
    if (this.isUp) this.log('warning', LOSSES.connected.broken)
    this.#leave(true)
  }

  #connectAnew(): void {
    const { host, port } = this.target!
    this.log('notice', `Connecting to MASTER ${host}:${port}`)
    this.#connect()
  }

  #connect(): void {
    this.#session = new LinkSession(this.#server, this.#replication, this, this.target!)
    this.move('dial')
    this.log('notice', 'MASTER <-> REPLICA sync started')
  }

  #leave(mayGoOn: boolean): void {
    const session = this.#session
    if (session === undefined) return
    this.#session = undefined
    if (this.isUp && mayGoOn) {
      this.log('notice', 'Caching the disconnected master state.')
      this.#cached = { db: session.db! }
    }
    this.move('lost')
    session.end()
  }

  #secondsSince(micros: number): number {
    return Math.floor(this.#server.clock.now() / MICROS) - Math.floor(micros / MICROS)
  }
}
