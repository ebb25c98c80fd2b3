/**
 * One direction of a simulated connection.
 *
 *   send() ─► queue ──segments──► wire ──latency──► arrived ──reader wakes──► data()
 *             waitingBytes         └────── together at most one window ─────┘
 *
 * Bytes are cut into segments and come together again in other chunks, each after its own latency, in order.
 * A reader that is paused lets the window fill; then the sender's bytes wait with him, as with sockets. Like
 * a socket, it does not copy what waits, and takes away what was lent: a chunk is overwritten when data()
 * has returned.
 *
 * `drained` is only called where much waited: a sender who leaves little behind must not wait for it.
 *
 * Source: node `lib/internal/streams/writable.js`, needDrain.
 */
import type { SimClock } from './sim-clock.ts'
import type { SimRandom } from './sim-random.ts'

/** How a connection behaves. */
export type Weather = {
  /** Microseconds of each segment's journey. */
  readonly latency: readonly [low: number, high: number]
  /** The largest segment. */
  readonly segmentBytes: number
  /** What may be on its way or unread. */
  readonly windowBytes: number
  /** The reader gets round to reading within so many microseconds; what came meanwhile is one chunk. */
  readonly readMicros: number
  /** From so many waiting bytes on, a sender is told when all are gone (the high-water mark of a socket). */
  readonly highWater: number
}

/** Who is told what happens at the two ends. */
export type PipeEnds = {
  /** At the reader: bytes, borrowed until it returns. */
  data(chunk: Buffer): void
  /** At the reader: nothing more will come. */
  ended(): void
  /** At the sender: much had waited, and all is gone. */
  drained(): void
  /** At the sender: the end itself was sent. */
  finished(): void
}

/** The most that one read gives. */
const READ_MAX = 64 * 1024
const LENT = 0xdb

export class SimPipe {
  readonly #clock: SimClock
  readonly #random: SimRandom
  readonly #weather: Weather
  readonly #ends: PipeEnds
  readonly #queue: (string | Buffer)[] = []
  #queueAt = 0
  #wire: (Buffer | 'end')[] = []
  #arrived: Buffer[] = []
  #hasEndArrived = false
  /** Bytes on the wire and arrived. */
  #unread = 0
  #lastArrival = 0
  #stalledUntil = 0
  #needsDrain = false
  #isEnding = false
  #isReading = false
  #isPaused = false
  /** No bytes leave: the connection does not stand yet. */
  isCorked = true
  /** Nothing arrives any more. */
  #isCut = false
  hasFinished = false
  waitingBytes = 0

  constructor(clock: SimClock, random: SimRandom, weather: Weather, ends: PipeEnds) {
    this.#clock = clock
    this.#random = random
    this.#weather = weather
    this.#ends = ends
  }

  send(pieces: readonly (string | Buffer)[]): void {
    for (const piece of pieces) {
      if (piece.length === 0) continue
      this.#queue.push(piece)
      this.waitingBytes += piece.length
      if (this.waitingBytes >= this.#weather.highWater) this.#needsDrain = true
    }
    this.#pump()
  }

  /** Nothing more will be sent; what waits still is. */
  end(): void {
    this.#isEnding = true
    this.#pump()
  }

  /** The sender gives up what waits; what is on its way arrives, and then the end. */
  abort(): void {
    this.#queue.length = 0
    this.waitingBytes = 0
    this.#needsDrain = false
    this.isCorked = false
    this.end()
  }

  open(): void {
    this.isCorked = false
    this.#pump()
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    this.#wake()
  }

  /** Nothing arrives before `until`; nothing is lost. */
  stall(until: number): void {
    this.#stalledUntil = Math.max(this.#stalledUntil, until)
  }

  /** The wire is cut somewhere: what is beyond arrives, nothing else ever will. */
  cut(): void {
    this.#wire.length = this.#random.below(this.#wire.length + 1)
    this.#isCut = true
  }

  #pump(): void {
    if (this.isCorked || this.hasFinished) return
    const { segmentBytes, windowBytes } = this.#weather
    while (this.waitingBytes > 0 && this.#unread < windowBytes) {
      const most = Math.min(segmentBytes, windowBytes - this.#unread, this.waitingBytes)
      this.#put(this.#take(this.#random.chance(50) ? most : this.#random.between(1, most)))
    }
    if (this.waitingBytes > 0) return
    if (this.#needsDrain) {
      this.#needsDrain = false
      this.#clock.after(0, () => {
        if (this.waitingBytes === 0) this.#ends.drained()
      })
    }
    if (!this.#isEnding) return
    this.hasFinished = true
    this.#put('end')
    this.#clock.after(0, () => this.#ends.finished())
  }

  #take(count: number): Buffer {
    const segment = Buffer.allocUnsafeSlow(count)
    let done = 0
    while (done < count) {
      const piece = this.#queue[0]!
      const part = Math.min(piece.length - this.#queueAt, count - done)
      const end = this.#queueAt + part
      if (typeof piece === 'string') segment.write(piece.slice(this.#queueAt, end), done, part, 'latin1')
      else piece.copy(segment, done, this.#queueAt, end)
      done += part
      this.#queueAt = end
      if (end < piece.length) break
      this.#queue.shift()
      this.#queueAt = 0
    }
    this.waitingBytes -= count
    this.#unread += count
    return segment
  }

  #put(segment: Buffer | 'end'): void {
    if (this.#isCut) return
    const [low, high] = this.#weather.latency
    this.#lastArrival = Math.max(this.#lastArrival, this.#clock.time + this.#random.between(low, high))
    this.#wire.push(segment)
    this.#clock.after(this.#lastArrival - this.#clock.time, () => this.#arrive())
  }

  /** Whatever is the first on the wire has arrived. */
  #arrive(): void {
    const { time } = this.#clock
    if (time < this.#stalledUntil) {
      this.#clock.after(this.#stalledUntil - time, () => this.#arrive())
      return
    }
    const segment = this.#wire.shift()
    if (segment === undefined) return
    if (segment === 'end') this.#hasEndArrived = true
    else this.#arrived.push(segment)
    this.#wake()
  }

  #wake(): void {
    if (this.#isReading || this.#isPaused) return
    if (this.#arrived.length === 0 && !this.#hasEndArrived) return
    this.#isReading = true
    this.#clock.after(this.#random.below(this.#weather.readMicros + 1), () => {
      this.#isReading = false
      this.#read()
    })
  }

  #read(): void {
    if (this.#isPaused) return
    const chunk = this.#chunk()
    if (chunk !== undefined) {
      this.#unread -= chunk.length
      this.#ends.data(chunk)
      chunk.fill(LENT)
      this.#pump()
      this.#wake()
    } else if (this.#hasEndArrived) {
      this.#hasEndArrived = false
      this.#ends.ended()
    }
  }

  #chunk(): Buffer | undefined {
    const first = this.#arrived[0]
    if (first === undefined || this.#arrived.length === 1) {
      this.#arrived.length = 0
      return first
    }
    let count = 0
    let bytes = 0
    while (count < this.#arrived.length && bytes + this.#arrived[count]!.length <= READ_MAX) {
      bytes += this.#arrived[count++]!.length
    }
    return Buffer.concat(this.#arrived.splice(0, Math.max(count, 1)))
  }
}
