/**
 * Verifying: drives a Verification: asks the replica, waits for the stream, rests, asks again.
 *
 *   next() ─► ask ─► answered() ─► work() until it is judged ─► rest ─► …      one question at a time
 *
 * The rest is what spares the replica; between passes there is a longer one.
 */
import type { Verification } from '../shadow/verification.ts'
import { type Inquiry, NotAskable } from './inquiry.ts'

/** Commands of the stream that are applied in one go, before others (the proxied link!) have their turn. */
const UNITS_AT_ONCE = 500
const BETWEEN_PASSES_MS = 1000
const RETRY_MS = 1000
const LOOK_AGAIN_MS = 5
/** The stream must bring what the replica says it has; a slow capture may need a while. */
const PATIENCE_MS = 30_000
/** Answers that were of no use, one behind the other; whoever is asked for nothing is asked less often. */
const USELESS_MAX = 300
const USELESS_REST_MS = 100

export type VerifyingOptions = {
  readonly verification: Verification
  /** Connects. @throws Error, NotAskable */
  readonly open: () => Promise<Inquiry>
  readonly pauseMs: number
  readonly say: (line: string) => void
  /** How far a pass is; undefined: nothing is to be seen any longer. */
  readonly progress: (text: string | undefined) => void
  /** One pass over all keys is enough. */
  readonly once?: boolean
}

export class Verifying {
  readonly #options: VerifyingOptions
  #isStopped = false
  #wake: () => void = () => {}
  #said = ''
  #useless = 0
  #refused = 0
  inquiry: Inquiry | undefined
  /** Nothing more will pass. */
  isStreamOver = false

  constructor(options: VerifyingOptions) {
    this.#options = options
  }

  /** Runs until stop(), or with `once` until a pass is over. @returns whether that is so. @throws NotAskable, with `once` any Error */
  async run(): Promise<boolean> {
    const { once = false } = this.#options
    while (!this.#isStopped) {
      try {
        if (await this.#round()) return true
      } catch (error) {
        this.#close()
        this.#options.verification.unanswered()
        if (this.#isStopped) return false
        if (once || error instanceof NotAskable) throw error
        this.#sayOnce(`cannot ask the replica: ${(error as Error).message}; trying again`)
        await this.#rest(RETRY_MS)
      }
    }
    return false
  }

  stop(): void {
    this.#isStopped = true
    this.#close()
    this.#wake()
  }

  /** One question. @returns whether all is done */
  async #round(): Promise<boolean> {
    const { verification, pauseMs, once = false } = this.#options
    if (!verification.hasDataset && !once) {
      await this.#rest(RETRY_MS / 10)
      return false
    }
    const inquiry = await this.#connected()
    const question = verification.next()
    if (question === undefined) {
      if (verification.hasDataset && once) return true
      await this.#working(BETWEEN_PASSES_MS)
      return false
    }
    const answer = await inquiry.ask(question)
    if (typeof answer === 'string') {
      verification.unanswered()
      if (once && ++this.#refused * RETRY_MS > PATIENCE_MS) throw new NotAskable(answer)
      this.#sayOnce(`the replica does not answer: ${answer}; asking again`)
      await this.#rest(RETRY_MS)
      return false
    }
    const { late } = verification
    const why = verification.answered(answer)
    if (why !== undefined) {
      if (once) throw new NotAskable(why)
      this.#sayOnce(why)
      await this.#rest(RETRY_MS)
    }
    await this.#judged()
    this.#tellProgress()
    await this.#rest(this.#pause(verification.late > late, pauseMs))
    return false
  }

  /** @throws NotAskable, with `once`, where the replica stands where no command ends */
  #pause(isUseless: boolean, pauseMs: number): number {
    this.#useless = isUseless ? this.#useless + 1 : 0
    if (!isUseless) return pauseMs
    if (this.#options.once && this.#useless > USELESS_MAX)
      throw new NotAskable(
        `where the replica stands is no boundary between commands behind offset ${this.#options.verification.offset}`,
      )
    return Math.max(pauseMs, USELESS_REST_MS)
  }

  async #connected(): Promise<Inquiry> {
    if (this.inquiry?.isOver) this.#close()
    this.inquiry ??= await this.#options.open()
    this.#options.verification.abilities = this.inquiry.abilities
    return this.inquiry
  }

  /**
   * Brings the reference to where the answer is from. Where the stream never gets there, it is asked again.
   * @throws NotAskable with `once`
   */
  async #judged(): Promise<void> {
    const { verification } = this.#options
    let waited = 0
    while (!verification.work(UNITS_AT_ONCE) && !this.#isStopped) {
      if (verification.isWaitingForStream) {
        if (waited > PATIENCE_MS || this.isStreamOver) {
          verification.unanswered()
          if (this.#options.once) throw new NotAskable(this.#further())
          this.#sayOnce(this.#further())
          return
        }
        waited += LOOK_AGAIN_MS
        await this.#rest(LOOK_AGAIN_MS)
      } else await new Promise((resolve) => setImmediate(resolve))
    }
  }

  #further(): string {
    const { passed } = this.#options.verification
    return `the replica is further than what passed here, which ends at offset ${passed}`
  }

  /** Rests for a while, in which the reference may follow what the replica acknowledges. */
  async #working(milliseconds: number): Promise<void> {
    this.#options.progress(undefined)
    for (let left = milliseconds; left > 0 && !this.#isStopped; left -= IDLE_STEP_MS) {
      this.#options.verification.work(UNITS_AT_ONCE * 10)
      await this.#rest(IDLE_STEP_MS)
    }
  }

  async #rest(milliseconds: number): Promise<void> {
    if (this.#isStopped) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  #tellProgress(): void {
    const { passes, keysInPass, keysTotal } = this.#options.verification
    this.#options.progress(`verify: pass ${passes}, ${keysInPass} of ${keysTotal} keys`)
  }

  #sayOnce(line: string): void {
    if (line === this.#said) return
    this.#said = line
    this.#options.say(line)
  }

  #close(): void {
    this.inquiry?.close()
    this.inquiry = undefined
  }
}

const IDLE_STEP_MS = 20
