/**
 * Reading captures for the verbs that do: files in order, or a pipe, into a CaptureSession.
 *
 *   file ─► pieces ─► session          between two pieces our output may drain, Ctrl-C is heard
 *   pipe ─► as it comes                and while nothing comes, time goes on all the same
 *
 * What is wrong with a file is said here, in one line with file and byte; what stands before that is shown.
 */
import type { CaptureEvent } from '../codec/capture/capture-event.ts'
import { DamagedInput, FileInput, STANDARD_INPUT } from '../io/file-input.ts'
import { systemNow } from '../io/system-clock.ts'
import { ReadingProgress } from '../rdb/reading-progress.ts'
import { CaptureSession, type CaptureSessionOptions } from '../replication/capture-session.ts'
import { count, counted } from '../sink/units.ts'
import { UsageError } from '../usage-error.ts'
import { untilInterrupted } from './interrupt.ts'

/** Between two of them our output may breathe. */
const PIECE_BYTES = 128 * 1024
/** So long without a byte, a pipe is believed to be idle: what waits for packets is told. */
const IDLE_MS = 500
/** Records that are left out, told one by one. */
const DAMAGE_MAX = 5

/** Whoever shows what is read. */
export type Reader = {
  notice(line: string): void
  progress(text: string | undefined): void
  /** Undefined while more may come; else a promise. */
  room(): Promise<void> | undefined
  /** Nobody wants more. */
  readonly isClosed: boolean
}

export type CaptureReading = {
  readonly session: CaptureSession
  /** Something is wrong with a file, and was said. */
  readonly isDamaged: boolean
  readonly isInterrupted: boolean
}

type Options = Pick<CaptureSessionOptions, 'book'> & { readonly reader: Reader }

/** An output as a reader, for as long as somebody wants what it shows and it is not done. */
export function readerUntil(output: Reader, isDone: () => boolean): Reader {
  return {
    notice: (line) => output.notice(line),
    progress: (text) => output.progress(text),
    room: () => output.room(),
    get isClosed() {
      return output.isClosed || isDone()
    },
  }
}

/**
 * Reads all files to their end, or until Ctrl-C.
 * @throws UsageError for what cannot be read, or is no capture at all
 */
export async function readCaptures(paths: readonly string[], options: Options): Promise<CaptureReading> {
  const inputs = paths.map((path) => new FileInput(path))
  if (paths.filter((path) => path === '-' || path === STANDARD_INPUT).length > 1)
    throw new UsageError('standard input (-) can be read once only')
  for (const input of inputs) await input.check()
  const reading = new Reading(options)
  await reading.readAll(inputs)
  return reading
}

class Reading implements CaptureReading {
  readonly session: CaptureSession
  isDamaged = false
  isInterrupted = false
  readonly #reader: Reader
  readonly #interrupted: Promise<void>
  #input: FileInput | undefined
  #unpacked = 0
  #damages = 0
  #notices = 0
  /** The rest of this file is not read. */
  #isOver = false
  #isBuggy = false

  constructor({ book, reader }: Options) {
    this.#reader = reader
    this.session = new CaptureSession({
      book,
      onFile: (event) => this.#file(event),
      onNotice: ({ code, position, connection }) => {
        if (++this.#notices > DAMAGE_MAX) return
        const what =
          code === 'TCP_COPIES_DIFFER'
            ? 'sent twice, with different bytes: the first copy is shown'
            : 'sent behind the end of the stream: left out'
        this.#say(`TCP connection ${connection}, byte ${count(position)} of one side: ${what}`)
      },
      onBug: (error) => {
        this.#isBuggy = true
        const what = error instanceof Error ? (error.stack ?? error.message) : String(error)
        this.#say(`a bug in syncscope ended decoding of one connection: ${what}`)
      },
    })
    this.#interrupted = untilInterrupted().then(() => {
      this.isInterrupted = true
    })
  }

  async readAll(inputs: readonly FileInput[]): Promise<void> {
    for (const input of inputs) {
      if (this.#isDone) break
      await this.#read(input)
    }
    this.#reader.progress(undefined)
    this.session.end()
    if (this.#damages > DAMAGE_MAX) this.#say(`… and ${count(this.#damages - DAMAGE_MAX)} more such records`)
    this.isDamaged ||= this.#isBuggy
  }

  get #isDone(): boolean {
    return this.isInterrupted || this.#reader.isClosed
  }

  async #read(input: FileInput): Promise<void> {
    this.#input = input
    this.#unpacked = 0
    this.#isOver = false
    const progress = new ReadingProgress(input, systemNow())
    const chunks = input.chunks()
    try {
      for (;;) {
        const chunk = await this.#next(chunks)
        if (chunk === undefined) break
        await this.#push(chunk)
        if (this.#isOver || this.#isDone) break
        const text = progress.text(systemNow())
        if (text !== undefined && input.total !== undefined) this.#reader.progress(text)
      }
    } catch (error) {
      if (!(error instanceof DamagedInput)) throw error
      this.isDamaged = true
      this.#say(
        `${input.name}: ${error.message}, after ${count(this.#unpacked)} unpacked bytes; what is before is shown`,
      )
      this.#isOver = true
    }
    // What was not read any further is not cut off.
    if (!this.#isDone || this.#isOver) this.session.endFile()
    // A pipe may never answer: it is not waited for.
    chunks.return().catch(() => {})
    if (this.#isDone && !this.#isOver) process.stdin.destroy()
  }

  /** The next chunk; undefined at the end, and on Ctrl-C. While none comes, time goes on. */
  async #next(chunks: AsyncGenerator<Buffer, void, void>): Promise<Buffer | undefined> {
    const { session } = this
    const next = chunks.next()
    const since = systemNow()
    for (;;) {
      let timer: NodeJS.Timeout | undefined
      const idle = new Promise<'idle'>((resolve) => {
        timer = setTimeout(resolve, IDLE_MS, 'idle')
      })
      const first = await Promise.race([next, this.#interrupted, idle])
      clearTimeout(timer)
      if (first === 'idle') session.tick(session.now + systemNow() - since)
      else return first === undefined || first.done ? undefined : first.value
    }
  }

  async #push(chunk: Buffer): Promise<void> {
    for (let at = 0; at < chunk.length && !this.#isOver && !this.#isDone; at += PIECE_BYTES) {
      const piece = chunk.length <= PIECE_BYTES ? chunk : chunk.subarray(at, at + PIECE_BYTES)
      this.session.push(piece)
      this.#unpacked += piece.length
      const room = this.#reader.room()
      if (room !== undefined) await Promise.race([room, this.#interrupted])
    }
  }

  #file(event: Exclude<CaptureEvent, { kind: 'packet' }>): void {
    if (event.kind !== 'damage' && event.kind !== 'truncated' && event.kind !== 'fault') return
    if (this.#isOver) return
    const where = `${this.#input?.name}: byte ${count(event.position)}: ${event.detail}`
    if (event.kind === 'fault' && event.code === 'CAPTURE_UNKNOWN_FORMAT')
      throw new UsageError(`${this.#input?.name}: ${event.detail}`)
    this.isDamaged = true
    if (event.kind === 'damage') {
      if (++this.#damages <= DAMAGE_MAX) this.#say(`${where}; this record is left out`)
      return
    }
    this.#isOver = true
    this.#say(`${where}; what is before is shown`)
  }

  #say(text: string): void {
    this.#reader.notice(`syncscope: ${text}`)
  }
}

/** What in the capture could not be looked into, one line each. */
export function blindSpots({ counts, unknownLinkType }: CaptureSession): string[] {
  const { packets, segments, unknownLink, malformed } = counts
  return [
    ...(unknownLink > 0
      ? [`${counted(unknownLink, 'packet')} of link type ${unknownLinkType} cannot be read`]
      : []),
    ...(malformed > 0
      ? [`${counted(malformed, 'packet')} contradict themselves or are cut within their headers`]
      : []),
    ...(packets > 0 && segments === 0 ? [`no TCP among ${counted(packets, 'packet')}`] : []),
  ]
}
