/**
 * `replay --as replica`: plays the recorded replica to a live master.
 *
 *   pieces of the recording, at their pace ─► cues ─► ReplicaPlayer ─► socket ─► master
 *                                                          ▲                       │
 *                                                          └─────── events ◄───────┘
 *
 * One recorded connection is one live connection: where the recorded replica came back, so do we.
 */
import { connect, type Socket } from 'node:net'
import type { Cue, ReplicaPlayer } from '../replay/replica-player.ts'
import type { HowClosed, Micros, ReplEvent, Side } from '../replication/events.ts'
import { type Address, addressText } from './address.ts'
import type { Watcher } from './proxy.ts'
import { RecordedPace } from './recorded-pace.ts'
import { recordedPieces } from './recorded-pieces.ts'
import type { RecordedView } from './replay-server.ts'

export type ReplayClientOptions = {
  readonly path: string
  readonly to: Address
  readonly isWanted: (conn: number) => boolean
  readonly speed: number
  readonly now: () => Micros
  readonly player: ReplicaPlayer
  /** @param tap hears what the live master says, at once */
  readonly converse: (replica: string, master: string, at: Micros, tap: (event: ReplEvent) => void) => Watcher
  /** @param tap hears what the recorded replica says when it is played */
  readonly view: (tap: (event: ReplEvent) => void) => RecordedView
  /** The master has been reached, for the first time. */
  readonly onReached: () => void
  /** Ctrl-C was pressed. */
  readonly isStopped: () => boolean
}

/** How long an answer, or the end of a snapshot, is waited for while nothing comes. */
const SILENCE_MS = 60_000
const CONNECT_MS = 5_000
const STEP_MS = 50

export type ReplayEnd =
  /** The recording has been played to its end. */
  | 'played'
  | 'stopped'
  /** The master closed the connection, or said nothing any longer. */
  | 'closed'
  | 'silent'
  | 'refused'

/** Resolves when it is over. Rejects where the master cannot be reached. */
export async function playToMaster(options: ReplayClientOptions): Promise<ReplayEnd> {
  const client = new ReplayClient(options)
  try {
    return await client.play()
  } finally {
    client.close('end-of-input')
  }
}

class ReplayClient {
  readonly #options: ReplayClientOptions
  #socket: Socket | undefined
  #conversation: Watcher | undefined
  #cues: Cue[] = []
  #heardAt = 0
  #wasOpen = false

  constructor(options: ReplayClientOptions) {
    this.#options = options
  }

  async play(): Promise<ReplayEnd> {
    const { path, isWanted, speed, now, player, view, isStopped } = this.#options
    const pace = new RecordedPace(speed, now)
    const shown = view((event) => {
      const cue = player.recorded(event)
      if (cue !== undefined) this.#cues.push(cue)
    })
    for await (const batch of recordedPieces(path, isWanted)) {
      for (const piece of batch) {
        if (!pace.hasBegun) pace.begin(piece.at)
        await pace.until(piece.at, () => isStopped() || this.#isGone)
        if (isStopped()) return 'stopped'
        if (piece.kind === 'opened') await this.#open()
        shown.piece(piece, now())
        const began = now()
        const cues = this.#cues
        this.#cues = []
        for (const cue of cues) {
          const end = await this.#say(cue)
          if (end !== undefined) return end
        }
        // The live master took longer than the recorded one: all that follows moves.
        if (now() - began > STEP_MS * 1000) pace.begin(piece.at)
        if (piece.kind === 'closed') this.close(piece.how === 'end-of-input' ? 'end-of-input' : 'fin')
        else if (this.#isGone) return 'closed'
      }
    }
    return 'played'
  }

  close(how: HowClosed): void {
    this.#end('replica', how)
    this.#socket?.destroy()
  }

  get #isGone(): boolean {
    return this.#socket?.destroyed === true && this.#conversation === undefined && this.#wasOpen
  }

  async #say(cue: Cue): Promise<ReplayEnd | undefined> {
    const { player, isStopped } = this.#options
    while (!player.isTime(cue)) {
      if (isStopped()) return 'stopped'
      if (player.refusal !== undefined) return 'refused'
      if (this.#socket?.destroyed) return 'closed'
      if (performance.now() - this.#heardAt > SILENCE_MS) return 'silent'
      await new Promise((resolve) => setTimeout(resolve, STEP_MS / 10))
    }
    this.#send(player.say(cue))
    return player.refusal === undefined ? undefined : 'refused'
  }

  #send(bytes: Buffer | undefined): void {
    if (bytes === undefined || this.#socket === undefined || this.#socket.destroyed) return
    this.#conversation?.push('replica', bytes, this.#options.now())
    this.#socket.write(bytes)
  }

  async #open(): Promise<void> {
    const { to, now, converse, player, onReached } = this.#options
    const socket = await dial(to)
    this.#socket = socket
    if (!this.#wasOpen) onReached()
    this.#wasOpen = true
    this.#heardAt = performance.now()
    const here =
      socket.localAddress === undefined ? addressText(to) : `${socket.localAddress}:${socket.localPort}`
    const answers: Buffer[] = []
    const conversation = converse(here, addressText(to), now(), (event) => {
      const answer = player.live(event)
      if (answer !== undefined) answers.push(answer)
    })
    this.#conversation = conversation
    socket.on('data', (chunk: Buffer) => {
      this.#heardAt = performance.now()
      conversation.push('master', chunk, now())
      for (const answer of answers.splice(0)) this.#send(answer)
    })
    socket.on('error', () => this.#end('master', 'reset'))
    socket.on('end', () => this.#end('master', 'fin'))
    this.#send(player.opened())
  }

  #end(side: Side, how: HowClosed): void {
    const conversation = this.#conversation
    this.#conversation = undefined
    conversation?.end(side, how, this.#options.now())
  }
}

function dial(to: Address): Promise<Socket> {
  const target = to.kind === 'unix' ? { path: to.path } : { host: to.host, port: to.port }
  return new Promise((resolve, reject) => {
    const socket = connect({ ...target, noDelay: true })
    const timer = setTimeout(() => socket.destroy(new Error('no answer')), CONNECT_MS)
    socket.once('error', (error) => {
      clearTimeout(timer)
      reject(error)
    })
    socket.once('connect', () => {
      clearTimeout(timer)
      socket.removeAllListeners('error')
      resolve(socket)
    })
  })
}
