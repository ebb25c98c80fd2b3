/**
 * Executor: one request from look-up to reply.
 *
 *   process ─► known? arity? allowed (gate.ts)? not paused? ─► queued in a transaction, or
 *   call ────► handler ─► effect ─► statistics ─► reply
 *
 * Everything that holds for all commands stands here; everything that holds for one command stands in its
 * handler.
 *
 * Source: redis 7.0 `src/server.c`, processCommand and call.
 */
import type { ByteString } from '../bytes/byte-string.ts'
import { Call } from './call.ts'
import { clientType } from './client-line.ts'
import type { Command } from './command-spec.ts'
import { Gate, requestFacts } from './gate.ts'
import { redacted } from './redaction.ts'
import {
  Failure,
  QUEUED,
  Refusal,
  type Reply,
  SILENCE,
  shown,
  unknownSubcommand,
  wrongArity,
} from './replies.ts'
import type { ServerState } from './server-state.ts'
import type { Session } from './session.ts'
import { leaveTransaction } from './transaction.ts'

/** Commands that act at once within MULTI. */
const NOT_QUEUED: ReadonlySet<string> = new Set(['exec', 'discard', 'multi', 'watch', 'quit', 'reset'])
/** A web page that makes a browser talk to us: its request looks like inline commands. */
const ATTACK = /^(?:post|host:)$/i
const ATTACK_LINE =
  'Possible SECURITY ATTACK detected. It looks like somebody is sending POST or Host: commands to Redis. ' +
  'This is likely due to an attacker attempting to use Cross Protocol Scripting to compromise your Redis ' +
  'instance. Connection aborted.'

export class Executor {
  readonly #server: ServerState
  readonly #gate: Gate
  /** In the order in which they were first given something; closed ones are passed over. */
  readonly #flushes: Session[] = []
  #later: (() => void)[] = []
  #visits = 0
  /** When the last command of this visit was over, and so the next one begins; 0: there was none yet. */
  #at = 0

  constructor(server: ServerState) {
    this.#server = server
    this.#gate = new Gate(server)
  }

  /**
   * Something that makes commands run begins: a chunk from a client, a timer. It ends with leave(), where
   * is done what Redis does before it waits for events: clients that were unblocked go on, messages are
   * sent.
   */
  enter(): void {
    if (this.#visits++ === 0) this.#at = 0
  }

  leave(): void {
    if (this.#visits === 1) this.#rest()
    this.#visits--
  }

  /** Runs something between enter() and leave(). */
  visit<T>(run: () => T): T {
    this.enter()
    try {
      return run()
    } finally {
      this.leave()
    }
  }

  /** A request of a client: checks it, runs or queues it, replies. */
  process(session: Session, argv: readonly ByteString[]): void {
    const { execution, tracking } = this.#server
    this.#answer(session, argv)
    session.requestDone()
    session.writtenOffset = this.#server.replication.history.offset
    tracking.deliverPending(session)
    if (session.tracking !== undefined) tracking.commandDone(session, argv)
    if (!execution.isRunning) this.#server.blocked.serve()
  }

  /** A command of our master: nobody asks whether it may run, and nobody wants its reply. */
  apply(session: Session, argv: readonly ByteString[]): void {
    const { execution, tracking, blocked } = this.#server
    const command = this.#find(session, argv)
    if (command !== undefined) this.#runOrQueue(session, command, argv)
    tracking.deliverPending(session)
    if (!execution.isRunning) blocked.serve()
  }

  /** Runs a command as (part of) a unit and answers it. */
  call(session: Session, command: Command, argv: readonly ByteString[]): void {
    const { clock, stats, monitors, tracking } = this.#server
    const began = this.#at === 0 ? clock.now() : this.#at
    session.reply(this.#unit(session, command, argv, began))
    stats.commands++
    command.calls++
    // How long it took is known when it has its answer.
    if (!session.isBlocked) this.#took(session, command, argv, began)
    if (monitors.size > 0) monitors.feed(session, command, argv)
    if (session.tracking !== undefined && command.flags.has('readonly')) {
      tracking.remember(session, command, argv)
    }
  }

  /** Runs a blocked command again because `key` is ready; true if it has an answer now. */
  retry(session: Session, key: ByteString): boolean {
    const { clock, tracking } = this.#server
    const argv = session.blockedIn!
    const command = this.resolve(argv)!
    const began = clock.now()
    const reply = this.#unit(session, command, argv, began, key)
    if (reply === SILENCE) return false
    session.blockedIn = undefined
    this.#took(session, command, argv, began)
    session.reply(reply)
    tracking.deliverPending(session)
    return true
  }

  /** A command waited in vain. @param isForced its wait was ended: Redis counts that as a failure */
  gaveUp(session: Session, reply: Reply, isForced: boolean): void {
    const argv = session.blockedIn!
    const command = this.resolve(argv)!
    session.blockedIn = undefined
    this.#took(session, command, argv, this.#server.clock.now())
    if (isForced) command.failed++
    if (reply instanceof Failure) this.#countError(session, reply)
    session.reply(reply)
  }

  /** Runs when the visit is over, after what was said to run before. */
  later(run: () => void): void {
    this.#later.push(run)
    if (this.#visits === 0) this.visit(() => {})
  }

  /** A session has something to send. */
  flushLater(session: Session): void {
    this.#flushes.push(session)
    if (this.#visits === 0) this.visit(() => {})
  }

  /** The command (or subcommand) that these words name. */
  resolve(argv: readonly ByteString[]): Command | undefined {
    const command = this.#server.table.find(argv[0]!)
    if (command?.subcommands === undefined || argv.length === 1) return command
    return command.subcommands.get(argv[1]!.toLowerCase()) ?? command
  }

  #took(session: Session, command: Command, argv: readonly ByteString[], began: number): void {
    const { slowLog, settings, latencies, clock } = this.#server
    this.#at = clock.now()
    const took = this.#at - began
    command.micros += took
    if (settings.tracksLatency) command.latencies.add(took)
    const at = Math.floor(began / 1_000_000)
    if (slowLog.wants(took) && !command.flags.has('skip_slowlog')) {
      slowLog.note({
        at,
        micros: took,
        argv: redacted(argv),
        client: session.peer.remote,
        clientName: session.name,
      })
    }
    const { latencyThresholdMs } = settings
    const ms = Math.floor(took / 1000)
    if (latencyThresholdMs > 0 && ms >= latencyThresholdMs) {
      latencies.note(command.flags.has('fast') ? 'fast-command' : 'command', at, ms)
    }
  }

  #rest(): void {
    const { blocked, tracking, replication } = this.#server
    blocked.serve()
    while (this.#later.length > 0) {
      const later = this.#later
      this.#later = []
      for (const run of later) run()
    }
    replication.visitEnds()
    tracking.broadcast()
    for (const session of this.#flushes) session.flush()
    this.#flushes.length = 0
  }

  #answer(session: Session, argv: readonly ByteString[]): void {
    const command = this.#find(session, argv)
    if (command === undefined) return
    const facts = requestFacts(session, command)
    const why = this.#gate.whyNot(session, command, facts)
    if (why !== undefined) {
      this.#refuse(session, command, why)
      return
    }
    const isListener = session.isMonitor || session.replica?.isAttached
    if (this.#server.pause.isOn && !isListener && this.#server.pause.holds(facts.mayReplicate)) {
      this.#server.pause.hold(session, argv)
      return
    }
    this.#runOrQueue(session, command, argv)
  }

  #runOrQueue(session: Session, command: Command, argv: readonly ByteString[]): void {
    const { transaction } = session
    if (transaction === undefined || NOT_QUEUED.has(command.name)) {
      this.call(session, command, argv)
      return
    }
    // A transaction that must fail anyway needs no memory.
    if (!transaction.isBroken && !session.watchFailed) transaction.add(command, argv)
    session.reply(QUEUED)
  }

  #unit(
    session: Session,
    command: Command,
    argv: readonly ByteString[],
    began: number,
    readyKey?: ByteString,
  ): Reply {
    const { execution } = this.#server
    execution.begin(session.isMaster ? 'master' : 'client', session, began)
    try {
      return this.#run(new Call(argv, command, session, execution, readyKey))
    } finally {
      execution.end()
    }
  }

  #run(call: Call): Reply {
    const { command, argv } = call
    const { effect } = command.spec
    try {
      const reply = command.spec.run(call)
      if (effect === 'none') return reply
      if (!call.hasPropagated && (effect === 'always' || (effect === 'same' && call.changes > 0))) {
        call.propagate(argv)
      }
      this.#server.dirty += call.changes
      return reply
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      this.#server.dirty += call.changes
      this.#countError(call.session, error.reply)
      command.failed++
      return error.reply
    }
  }

  #find(session: Session, argv: readonly ByteString[]): Command | undefined {
    const name = argv[0]!
    const command = this.#server.table.find(name)
    session.lastCommand = ''
    if (command === undefined) {
      if (ATTACK.test(name)) {
        this.#server.surroundings.log('warning', ATTACK_LINE)
        session.destroy()
      } else this.#refuse(session, undefined, unknownCommand(argv))
      return undefined
    }
    let found = command
    if (command.subcommands !== undefined && argv.length > 1) {
      const sub = command.subcommands.get(argv[1]!.toLowerCase())
      if (sub === undefined) {
        this.#refuse(session, undefined, unknownSubcommand(command.name, argv[1]!))
        return undefined
      }
      found = sub
    }
    session.lastCommand = found.name
    if (!found.accepts(argv.length)) {
      this.#refuse(session, found, wrongArity(found.name))
      return undefined
    }
    return found
  }

  /** What a client sent is no request at all. */
  refuse(session: Session, text: string): void {
    this.#refuse(session, undefined, text)
  }

  /** A refusal before anything ran; within MULTI it breaks the transaction. */
  #refuse(session: Session, command: Command | undefined, text: string): void {
    if (session.transaction !== undefined) session.transaction.isBroken = true
    if (command !== undefined) command.rejected++
    let failure = new Failure(text)
    if (command?.name === 'exec') {
      leaveTransaction(session)
      const why = text.replace(/^ERR /, '')
      failure = new Failure(`EXECABORT Transaction discarded because of: ${why}`)
    }
    this.#countError(session, failure)
    session.reply(failure)
  }

  #countError(session: Session, failure: Failure): void {
    const { stats, surroundings } = this.#server
    const type = clientType(session)
    if (type === 'master' || type === 'replica') {
      stats.unexpectedErrors++
      const error = failure.text.replace(/^ERR /, '')
      const [from, to] = type === 'master' ? ['replica', 'master'] : ['master', 'replica']
      surroundings.log(
        'warning',
        `== CRITICAL == This ${from} is sending an error to its ${to}: '${error}' ` +
          `after processing the command '${session.lastCommand || UNKNOWN}'`,
      )
    }
    stats.errorReplies++
    const code = failure.text.split(' ', 1)[0]!
    stats.errors.set(code, (stats.errors.get(code) ?? 0) + 1)
  }
}

/** What is shown in place of its name. */
export const UNKNOWN = '<unknown>'
/** Words of an unknown command that its error shows. */
const SHOWN_CHARS = 128

function unknownCommand(argv: readonly ByteString[]): string {
  let args = ''
  for (let i = 1; i < argv.length && args.length < SHOWN_CHARS; i++) {
    args += `'${shown(argv[i]!, SHOWN_CHARS - args.length)}' `
  }
  return `ERR unknown command '${shown(argv[0]!, SHOWN_CHARS)}', with args beginning with: ${args}`
}
