/**
 * Executor: one request from look-up to reply.
 *
 *   process ─► known? arity? allowed? ─► queued in a transaction, or
 *   call ────► handler ─► effect ─► statistics ─► reply
 *
 * Everything that holds for all commands stands here; everything that holds for one command stands in its
 * handler.
 *
 * Source: redis 7.0 `src/server.c`, processCommand and call.
 */
import type { ByteString } from '../bytes/byte-string.ts'
import { Call } from './call.ts'
import type { Command } from './command-spec.ts'
import { Failure, QUEUED, Refusal, type Reply, SILENCE, unknownSubcommand, wrongArity } from './replies.ts'
import type { ServerState } from './server-state.ts'
import type { Session } from './session.ts'

/** Commands that act at once within MULTI. */
const NOT_QUEUED: ReadonlySet<string> = new Set(['exec', 'discard', 'multi', 'watch', 'quit', 'reset'])

export class Executor {
  readonly #server: ServerState
  readonly #flushes = new Set<Session>()
  #later: (() => void)[] = []

  constructor(server: ServerState) {
    this.#server = server
  }

  /** A request of a client: checks it, runs or queues it, replies. */
  process(session: Session, argv: readonly ByteString[]): void {
    const server = this.#server
    const command = this.#find(session, argv)
    if (command === undefined) return
    session.lastCommand = command.name
    if (!session.isAuthenticated && !command.flags.has('no_auth')) {
      this.#refuse(session, command, 'NOAUTH Authentication required.')
      return
    }
    if (session.transaction !== undefined && !NOT_QUEUED.has(command.name)) {
      if (command.flags.has('no_multi')) {
        this.#refuse(session, command, 'ERR Command not allowed inside a transaction')
        return
      }
      session.transaction.queue.push({ argv })
      session.reply(QUEUED)
      return
    }
    const reply = this.call(session, command, argv)
    session.reply(reply)
    if (!server.execution.isRunning) this.settle()
  }

  /** Runs a command as (part of) a unit; gives its reply. */
  call(session: Session, command: Command, argv: readonly ByteString[], isRetry = false): Reply {
    const { execution, clock } = this.#server
    const began = clock.now()
    execution.begin('client')
    let reply: Reply
    try {
      const call = new Call(argv, command, session, execution, isRetry)
      reply = this.#run(call)
    } finally {
      execution.end()
    }
    const took = clock.now() - began
    command.calls++
    command.micros += took
    command.latencies.add(took)
    this.#noteSlow(session, command, argv, took, began)
    this.#server.stats.commands++
    return reply
  }

  #noteSlow(
    session: Session,
    command: Command,
    argv: readonly ByteString[],
    took: number,
    began: number,
  ): void {
    const { slowLog, settings, latencies } = this.#server
    const at = Math.floor(began / 1_000_000)
    if (slowLog.wants(took) && !command.flags.has('skip_slowlog')) {
      slowLog.note({ at, micros: took, argv, client: session.peer.remote, clientName: session.name })
    }
    const { latencyThresholdMs } = settings
    const ms = Math.floor(took / 1000)
    if (latencyThresholdMs > 0 && ms >= latencyThresholdMs) {
      latencies.note(command.flags.has('fast') ? 'fast-command' : 'command', at, ms)
    }
  }

  /** Runs a blocked command again; true if it has an answer now. */
  retry(session: Session): boolean {
    const argv = session.blockedIn!
    const command = this.resolve(argv)!
    const reply = this.call(session, command, argv, true)
    if (reply === SILENCE) return false
    session.blockedIn = undefined
    session.reply(reply)
    return true
  }

  /** To be called when a unit is over: serves blocked clients, delivers what is waiting. */
  settle(): void {
    const { blocked } = this.#server
    blocked.serve()
    if (this.#flushes.size > 0) {
      for (const session of this.#flushes) session.flush()
      this.#flushes.clear()
    }
    while (this.#later.length > 0) {
      const later = this.#later
      this.#later = []
      for (const run of later) run()
    }
  }

  /** Runs when no unit is running: at once, or after the one that is. */
  later(run: () => void): void {
    this.#later.push(run)
    if (!this.#server.execution.isRunning) this.settle()
  }

  flushLater(session: Session): void {
    this.#flushes.add(session)
  }

  gone(session: Session): void {
    this.#flushes.delete(session)
  }

  /** The command (or subcommand) that these words name. */
  resolve(argv: readonly ByteString[]): Command | undefined {
    const command = this.#server.table.find(argv[0]!)
    if (command?.subcommands === undefined || argv.length === 1) return command
    return command.subcommands.get(argv[1]!.toLowerCase()) ?? command
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
      this.#countError(error.reply)
      command.failed++
      return error.reply
    }
  }

  #find(session: Session, argv: readonly ByteString[]): Command | undefined {
    const name = argv[0]!
    const command = this.#server.table.find(name)
    if (command === undefined) {
      this.#refuse(session, undefined, unknownCommand(argv))
      return undefined
    }
    let found = command
    if (command.subcommands !== undefined && argv.length > 1) {
      const sub = command.subcommands.get(argv[1]!.toLowerCase())
      if (sub === undefined) {
        this.#refuse(session, command, unknownSubcommand(command.name, argv[1]!))
        return undefined
      }
      found = sub
    }
    if (!found.accepts(argv.length)) {
      this.#refuse(session, found, wrongArity(found.name))
      return undefined
    }
    return found
  }

  /** A refusal before anything ran; within MULTI it breaks the transaction. */
  #refuse(session: Session, command: Command | undefined, text: string): void {
    if (session.transaction !== undefined) session.transaction.isBroken = true
    if (command !== undefined) command.rejected++
    const failure = new Failure(text)
    this.#countError(failure)
    session.reply(failure)
  }

  #countError(failure: Failure): void {
    const { stats } = this.#server
    stats.errorReplies++
    const code = failure.text.split(' ', 1)[0]!
    stats.errors.set(code, (stats.errors.get(code) ?? 0) + 1)
  }
}

/** Words of an unknown command that its error shows. */
const SHOWN_CHARS = 128

function unknownCommand(argv: readonly ByteString[]): string {
  let shown = ''
  for (let i = 1; i < argv.length && shown.length < SHOWN_CHARS; i++) {
    shown += `'${argv[i]!.slice(0, SHOWN_CHARS - shown.length)}' `
  }
  return `ERR unknown command '${argv[0]!.slice(0, SHOWN_CHARS)}', with args beginning with: ${shown}`
}
