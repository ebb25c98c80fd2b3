/**
 * `replay --as master`: listens, and plays the recorded master to each replica that connects.
 *
 *   replica ─► socket ─► MasterPlayer ─ perform ─► pieces of the recording, at their pace ─► socket
 *                 └────► shown                              └─► its own replica: shown beside
 *
 * A replica that reads slowly is waited for: nothing is held but one batch of the recording.
 */
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import type { Chapter } from '../replay/chapters.ts'
import { MasterPlayer } from '../replay/master-player.ts'
import type { Rendition } from '../replay/rendition.ts'
import type { Score } from '../replay/score.ts'
import type { HowClosed, Micros, Side } from '../replication/events.ts'
import { UsageError } from '../usage-error.ts'
import { type Address, addressText, remoteText } from './address.ts'
import type { Watcher } from './proxy.ts'
import { RecordedPace } from './recorded-pace.ts'
import { type RecordedPiece, recordedPieces } from './recorded-pieces.ts'

/** Who is shown the recorded session while it is played. */
export type RecordedView = {
  /** @param at when it is played */
  piece(piece: RecordedPiece, at: Micros): void
}

export type ReplayServerOptions = {
  readonly path: string
  readonly listen: Address
  readonly score: Score
  readonly isWanted: (conn: number) => boolean
  readonly speed: number
  readonly now: () => Micros
  readonly converse: (replica: string, master: string, at: Micros) => Watcher
  /** A rendition begins, whose recorded counterpart is to be shown from `from` on. */
  readonly view: (from: Micros) => RecordedView
  readonly notice: (line: string) => void
}

export type ReplayServer = { readonly address: string; close(): Promise<void> }

/** @throws UsageError if it cannot listen there */
export async function openReplayServer(options: ReplayServerOptions): Promise<ReplayServer> {
  const players = new Set<ReplayConnection>()
  const server = createServer({ noDelay: true }, (socket) => {
    const player = new ReplayConnection(socket, options)
    players.add(player)
    socket.once('close', () => players.delete(player))
  })
  await listen(server, options.listen)
  const bound = server.address()
  const { listen: asked } = options
  return {
    address:
      bound === null || typeof bound === 'string' || asked.kind === 'unix'
        ? addressText(asked)
        : addressText({ kind: 'tcp', host: bound.address, port: bound.port }),
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      await Promise.all([...players].map((player) => player.stop()))
      await closed
    },
  }
}

/** What one connection is being played. */
type Playing = {
  readonly rendition: Rendition
  readonly pace: RecordedPace
  /** What follows in the recording. */
  readonly next: Chapter | undefined
  shown: RecordedView | undefined
  /** Pieces of the recording that were shown. */
  seen: number
}

const NOTHING = Buffer.alloc(0)

class ReplayConnection {
  readonly #socket: Socket
  readonly #options: ReplayServerOptions
  readonly #conversation: Watcher
  #ending: { readonly side: Side; readonly how: HowClosed } | undefined
  /** Offset that the replica is to acknowledge, once all has been sent. */
  #awaited: number | undefined
  #acknowledged = -1
  #wake: () => void = () => {}
  #tellOver: () => void = () => {}
  readonly #isOver = new Promise<void>((resolve) => {
    this.#tellOver = resolve
  })

  constructor(socket: Socket, options: ReplayServerOptions) {
    const { converse, now } = options
    this.#socket = socket
    this.#options = options
    const here = addressText(options.listen)
    this.#conversation = converse(remoteText(socket, here), here, now())
    const player = new MasterPlayer(options.score, {
      send: (text) => this.#send(Buffer.from(text, 'latin1')),
      perform: (rendition) => {
        this.#perform(rendition).catch((error: unknown) => {
          options.notice(`the recording cannot be played on: ${(error as Error).message}`)
          void this.stop()
        })
      },
      acknowledged: (offset) => this.#hear(offset),
      close: () => socket.destroy(),
    })
    socket.on('data', (chunk: Buffer) => {
      this.#conversation.push('replica', chunk, now())
      player.push(chunk)
    })
    socket.on('end', () => {
      this.#ending ??= { side: 'replica', how: 'fin' }
    })
    socket.on('error', () => {
      this.#ending ??= { side: 'replica', how: 'reset' }
    })
    socket.on('close', () => {
      const { side, how } = this.#ending ?? { side: 'master', how: 'fin' }
      this.#conversation.end(side, how, now())
      this.#tellOver()
      this.#wake()
    })
  }

  /** Ends it, as we stop; resolves when that has been shown. */
  stop(): Promise<void> {
    this.#ending ??= { side: 'master', how: 'end-of-input' }
    this.#socket.destroy()
    return this.#isOver
  }

  #send(bytes: Buffer): boolean {
    const hasRoom = this.#socket.write(bytes)
    this.#conversation.push('master', bytes, this.#options.now())
    return hasRoom
  }

  async #perform(rendition: Rendition): Promise<void> {
    const { speed, now, score, view, notice } = this.#options
    const { chapter } = rendition
    const isGone = () => this.#socket.destroyed
    const pace = new RecordedPace(speed, now)
    const next = score.chapters[score.chapters.indexOf(chapter) + 1]
    const playing: Playing = { rendition, pace, next, shown: undefined, seen: 0 }
    if (!rendition.isStreaming) {
      pace.begin(chapter.at)
      playing.shown = view(0)
    }
    // A stream that passed beside the snapshot is read once more from the beginning, behind it.
    if (await this.#pass(playing)) await this.#pass(playing)
    if (isGone()) return
    if (chapter.hole !== undefined) {
      const { offset, missing } = chapter.hole
      const how = missing > 0 ? `${missing} bytes` : 'bytes'
      notice(`the recording lacks ${how} behind offset ${offset}: played up to there`)
    }
    score.finished(chapter)
    if (next === undefined) {
      notice(`played to the end: offset ${rendition.offset}`)
      this.#awaited = rendition.offset
      this.#hear(this.#acknowledged)
      return
    }
    await pace.until(next.at, isGone)
    // A replica that is still loading would lose what it was sent.
    while (this.#acknowledged < rendition.offset && !isGone()) await this.#news()
    if (isGone()) return
    notice('another full resync follows in the recording: the link is closed, so that the replica asks again')
    this.#socket.end()
  }

  /** Reads the recording and plays what is due. @returns whether it is to be read again */
  async #pass(playing: Playing): Promise<boolean> {
    const { path, isWanted, now, view } = this.#options
    const { rendition, pace, next } = playing
    const isGone = () => this.#socket.destroyed
    const beganStreaming = rendition.isStreaming
    let index = 0
    for await (const batch of recordedPieces(path, isWanted)) {
      for (const piece of batch) {
        if (next !== undefined && rendition.isOver && piece.at >= next.at) return false
        const snapshot = piece.kind === 'bytes' ? rendition.takeSnapshot(piece) : NOTHING
        const stream = piece.kind === 'bytes' ? rendition.takeStream(piece) : NOTHING
        if (stream.length > 0 && !pace.hasBegun) {
          pace.begin(piece.at)
          playing.shown = view(piece.at)
        }
        await pace.until(piece.at, isGone)
        if (isGone()) return false
        if (index++ >= playing.seen) {
          playing.seen = index
          playing.shown?.piece(piece, now())
        }
        if (snapshot.length > 0 && !this.#send(snapshot)) await this.#hasRoom()
        if (snapshot.length > 0 && rendition.isStreaming && rendition.endsWithMark) await this.#isLoaded()
        if (stream.length > 0 && !this.#send(stream)) await this.#hasRoom()
        if (rendition.chapter.isJoined && rendition.isStreaming !== beganStreaming) return true
      }
    }
    return false
  }

  /** Resolves when the replica has acknowledged anything, which it does when it has loaded, or is gone. */
  async #isLoaded(): Promise<void> {
    while (this.#acknowledged < 0 && !this.#socket.destroyed) await this.#news()
  }

  /** Resolves when the replica has said something, or is gone. */
  #news(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }

  #hear(offset: number): void {
    this.#acknowledged = Math.max(this.#acknowledged, offset)
    this.#wake()
    if (this.#awaited === undefined || offset < this.#awaited) return
    this.#awaited = undefined
    this.#options.notice(`the replica has acknowledged offset ${offset}: all that was recorded. Ctrl-C ends`)
  }

  /** Resolves when the socket takes more, or is gone. */
  async #hasRoom(): Promise<void> {
    if (this.#socket.destroyed) return
    const done = new AbortController()
    const { signal } = done
    await Promise.race([
      once(this.#socket, 'drain', { signal }).catch(() => {}),
      once(this.#socket, 'close', { signal }).catch(() => {}),
    ])
    done.abort()
  }
}

async function listen(server: Server, address: Address): Promise<void> {
  const target = address.kind === 'unix' ? { path: address.path } : { host: address.host, port: address.port }
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'the address is in use' : error.message
      reject(new UsageError(`--listen: cannot listen on ${addressText(address)}: ${why}`, { cause: error }))
    })
    server.listen(target, () => {
      server.removeAllListeners('error')
      resolve()
    })
  })
}
