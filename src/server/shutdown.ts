/**
 * Shutdown: what is done before the process ends, by SHUTDOWN or a signal.
 *
 *   begin ─► replicas lag? ─yes─► writes are held, GETACK ─► all have everything, or shutdown-timeout
 *                └──────────────no──────────────────────────────────┴─► the last snapshot ─► the end
 *
 * It can be aborted while it waits. Where the snapshot cannot be written the server goes on, unless forced.
 *
 * Source: redis 7.0 `src/server.c`, prepareForShutdown, isReadyToShutdown, finishShutdown.
 */
import type { ByteString } from '../bytes/byte-string.ts'
import { FOR_EVER } from './pause.ts'
import { Failure } from './replies.ts'
import type { ServerState } from './server-state.ts'
import type { Session } from './session.ts'

export type ShutdownOptions = {
  /** Undefined: if there are save points. */
  readonly save: boolean | undefined
  /** It ends even where it could not be saved. */
  readonly force?: boolean
  /** Lagging replicas are not waited for. */
  readonly now?: boolean
}

/** `failed`: it could not be saved, and the log says why; the server goes on. */
export type ShutdownStep = 'done' | 'waiting' | 'failed'

const MICROS = 1_000_000
const IN_VAIN = 'Errors trying to shut down the server. Check the logs for more information.'
const FAILED = new Failure('ERR Errors trying to SHUTDOWN. Check logs.')

export class Shutdown {
  readonly #server: ServerState
  /** The process has been told to end: no request is answered any more, for what it wrote would be lost. */
  isOver = false
  /** Asked for from outside, to begin with the next turn. */
  #asked: (() => ShutdownOptions) | undefined
  /** It was asked for from outside, and has not come yet: who asks again insists. */
  isAsked = false
  #waiting: { readonly options: ShutdownOptions; readonly until: number } | undefined
  /** Clients in SHUTDOWN, each with the words it waits in. */
  readonly #clients = new Map<Session, readonly ByteString[]>()

  constructor(server: ServerState) {
    this.#server = server
  }

  /** @returns how it went: where it is done the process has been told to end */
  begin(options: ShutdownOptions): ShutdownStep {
    const { settings, surroundings, clock, pause, replication } = this.#server
    if (this.#waiting !== undefined) return 'waiting'
    surroundings.log('warning', 'User requested shutdown...')
    const seconds = settings.get<number>('shutdown-timeout')
    if (options.now || seconds === 0 || this.#isReady) return this.#finish(options)
    pause.begin('shutdown', 'write', FOR_EVER)
    surroundings.log('notice', 'Waiting for replicas before shutting down.')
    this.#waiting = { options, until: clock.now() + seconds * MICROS }
    replication.feed.getack()
    return 'waiting'
  }

  /** When it stops waiting for replicas; undefined where it does not wait. */
  get until(): number | undefined {
    return this.#waiting?.until
  }

  /** A signal asks for the end, which begins with the next turn. @param options as they are then */
  ask(options: () => ShutdownOptions): void {
    this.#asked = options
    this.isAsked = true
  }

  /** A client waits for its end, in vain if all goes well. */
  join(session: Session, argv: readonly ByteString[]): void {
    this.#clients.set(session, argv)
  }

  /** Begins what was asked for, or looks whether replicas have everything now; ten times a second. */
  turn(): void {
    const asked = this.#asked
    this.#asked = undefined
    if (asked !== undefined) {
      const step = this.begin(asked())
      if (step === 'failed') this.isAsked = false
      if (step !== 'waiting') return
    }
    const waiting = this.#waiting
    if (waiting === undefined) return
    if (!this.#isReady && this.#server.clock.now() < waiting.until) return
    if (this.#finish(waiting.options) === 'failed') this.#giveUp()
  }

  /** @returns false where none is going on */
  abort(): boolean {
    if (this.#asked === undefined && this.#waiting === undefined) return false
    this.#asked = undefined
    this.#server.surroundings.log('notice', 'Shutdown manually aborted.')
    this.#giveUp()
    return true
  }

  #giveUp(): void {
    this.isAsked = false
    this.#waiting = undefined
    this.#server.pause.end('shutdown')
    for (const [session, argv] of this.#clients) {
      const isWaiting = !session.isClosed && session.blockedIn === argv
      if (isWaiting) this.#server.blocked.end(session, FAILED)
    }
    this.#clients.clear()
  }

  get #isReady(): boolean {
    const { replicas, history } = this.#server.replication
    for (const { ackOffset } of replicas.all) if (ackOffset !== history.offset) return false
    return true
  }

  #finish({ save, force = false }: ShutdownOptions): ShutdownStep {
    const { saver, settings, surroundings, isLoading } = this.#server
    this.#tellLag()
    if (saver.isRunning) surroundings.log('warning', 'There is a child saving an .rdb. Killing it!')
    saver.cancel()
    // What has not been loaded cannot be saved; the file is as it was.
    const mustSave = !isLoading && (save ?? settings.get<string>('save') !== '')
    if (mustSave) {
      surroundings.log('notice', 'Saving the final RDB snapshot before exiting.')
      if (!saver.saveNow()) {
        if (!force) {
          surroundings.log('warning', "Error trying to save the DB, can't exit.")
          surroundings.log('warning', IN_VAIN)
          return 'failed'
        }
        surroundings.log('warning', 'Error trying to save the DB, but FORCE was asked for: exiting anyway.')
      }
    }
    this.isOver = true
    surroundings.shutdown()
    return 'done'
  }

  #tellLag(): void {
    const { replication, surroundings, clock } = this.#server
    const { replicas, history } = replication
    if (replicas.count === 0) return
    let inSync = 0
    for (const replica of replicas.all) {
      const { ackOffset, name } = replica
      if (ackOffset === history.offset) inSync++
      else {
        const lag = replica.isOnline ? replica.lagSeconds(clock.now()) : 0
        surroundings.log(
          'warning',
          `Lagging replica ${name} reported offset ${history.offset - ackOffset} behind master, ` +
            `lag=${lag}, state=${replica.stateName}.`,
        )
      }
    }
    surroundings.log('notice', `${inSync} of ${replicas.count} replicas are in sync when shutting down.`)
  }
}
