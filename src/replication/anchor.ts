/**
 * Anchor: which replication offset stands at a position of the master's stream, and how well that is known.
 *
 *   position   ……│ SET a 1 │ SET b 2 │ SET c 3 ┊             offset = position + one constant: the anchor
 *                                    ▲         ▲ passed when ACK 500 is seen
 *                                    500 stands at the end of a command at or before this: a lower bound
 *
 *   position   ……│ SET a 1 │ GETACK │ PING ┊ ACK 500         the ACK that answers a GETACK does not count it:
 *                          ▲                                 500 stands here, or the ACK has crossed it
 *
 * Where the protocol has told the offset (+FULLRESYNC, +CONTINUE) ACKs only confirm it. Where it has not,
 * because the capture begins in the middle, each ACK gives a lower bound, the highest is the estimate, and
 * it is settled when two ACKs in a row say the same, or when a GETACK was answered and the next ACK agrees.
 * All this is arithmetic: no bytes, no events.
 *
 * A replica that lags is normal and says nothing. Two things are not: an ACK of more than has passed, still
 * so at the next ACK (a capture may show two directions in a slightly wrong order), and a GETACK that was
 * passed over without an ACK that stands where it stood.
 *
 * Source: redis `src/replication.c`, replicationSendAck; `src/networking.c`, commandProcessed (reploff).
 */

export type AnchoredBy = 'ack' | 'getack'

/** What an ACK has changed. */
export type Finding =
  /** The first estimate, or a better one; `settled`: it is held to be right from now on. */
  | { readonly kind: 'moved'; readonly by: AnchoredBy; readonly correction: number }
  | { readonly kind: 'settled'; readonly by: AnchoredBy; readonly correction: number }
  /**
   * What the protocol has told does not agree with what the replica says; the anchor has moved by
   * `correction`.
   */
  | { readonly kind: 'mismatch'; readonly by: AnchoredBy; readonly correction: number }

/** GETACKs that may wait for their answers; of more the oldest are forgotten. */
const GETACKS_MAX = 64

export class Anchor {
  /** offset − position; undefined while nothing is known. */
  value: number | undefined
  /** Told by the protocol, or confirmed by ACKs. */
  isSure = false
  /** What the estimate rests on, where the protocol has not told. */
  by: AnchoredBy = 'ack'
  #isTold = false
  /** Positions where GETACKs begin that are not answered yet. */
  #getacks: number[] = []
  /** The GETACK that the newest ACK answers, if that was not another one that crossed it. */
  #answered: number | undefined
  #bound: number | undefined
  #lastAck: number | undefined
  /** The first ACK behind the oldest waiting GETACK. */
  #answer: number | undefined
  /** An ACK that was ahead of all that had passed. */
  #ahead: number | undefined
  /** This replica answers GETACK as it should; not every tool that poses as a replica does. */
  #answersGetack = false

  /** The protocol says so. */
  know(value: number): void {
    this.forget()
    this.value = value
    this.isSure = true
    this.#isTold = true
  }

  forget(): void {
    this.value = undefined
    this.isSure = false
    this.#isTold = false
    this.#bound = undefined
    this.#ahead = undefined
    this.#lastAck = undefined
    this.lostAcks()
  }

  /** ACKs may have been lost: which of them answers which GETACK is not known any longer. */
  lostAcks(): void {
    this.#getacks = []
    this.#answered = undefined
    this.#answer = undefined
  }

  /** A GETACK begins at `position`. */
  getack(position: number): void {
    this.#getacks.push(position)
    if (this.#getacks.length > GETACKS_MAX) this.#getacks.shift()
  }

  /**
   * The replica acknowledges `offset`.
   * @param boundary position up to which whole commands, outside transactions, have passed, if that is known
   * @param passed position up to which bytes have passed
   * @param doubts whether bytes were lost, so that a GETACK may be judged: what we know may be wrong
   */
  acked(offset: number, boundary: number | undefined, passed: number, doubts: boolean): Finding | undefined {
    const finding =
      this.isSure && this.value !== undefined
        ? (this.#confirmGetack(offset, this.value, doubts) ?? this.#confirm(offset, this.value, passed))
        : this.#estimate(offset, boundary, passed)
    this.#lastAck = offset
    return finding
  }

  /** The connection ends: an ACK that is still ahead of what passed will not be caught up with any more. */
  ended(passed: number): Finding | undefined {
    if (this.#ahead === undefined || this.value === undefined) return undefined
    return this.#mismatchAhead(this.#ahead, this.value, passed)
  }

  /**
   * The first ACK behind a GETACK answers it, or was on its way when the GETACK passed: then it says too
   * little, which the next one shows.
   */
  #estimate(offset: number, boundary: number | undefined, passed: number): Finding | undefined {
    const answered = this.#answered
    this.#answered = undefined
    if (answered !== undefined && this.value !== undefined) {
      const isTooLow = offset - (boundary ?? passed) > this.value
      return this.#settle('getack', isTooLow ? offset - answered : this.value)
    }
    const getack = this.#getacks[0]
    if (getack !== undefined && offset - getack >= (this.value ?? Number.NEGATIVE_INFINITY)) {
      this.#getacks.shift()
      this.#answered = getack
      return this.#raise('getack', offset - getack)
    }
    return boundary === undefined ? undefined : this.#raise('ack', offset - boundary)
  }

  /** A lower bound: the highest is the estimate, and right where it is found twice in a row. */
  #raise(by: AnchoredBy, bound: number): Finding | undefined {
    const before = this.value
    const isAgain = this.#bound === bound && before === bound
    this.#bound = bound
    if (isAgain) return this.#settle(by, bound)
    if (before !== undefined && bound <= before) return undefined
    this.value = bound
    this.by = by
    return { kind: 'moved', by, correction: before === undefined ? 0 : bound - before }
  }

  #settle(by: AnchoredBy, value: number): Finding {
    const correction = value - this.value!
    this.#answered = undefined
    this.value = value
    this.by = by
    this.isSure = true
    return { kind: 'settled', by, correction }
  }

  #confirm(offset: number, value: number, passed: number): Finding | undefined {
    const suspect = this.#ahead
    this.#ahead = offset > value + passed ? offset : undefined
    // An ACK that goes back is nonsense, and so may be the one before it.
    if (suspect === undefined || suspect <= value + passed || offset < suspect) return undefined
    return this.#mismatchAhead(offset, value, passed)
  }

  #mismatchAhead(offset: number, value: number, passed: number): Finding {
    this.#ahead = undefined
    return this.#move('ack', value, offset - passed - value)
  }

  /** What was settled by ACKs is only corrected: it was never told. */
  #move(by: AnchoredBy, value: number, correction: number): Finding {
    this.value = value + correction
    return { kind: this.#isTold ? 'mismatch' : 'moved', by, correction }
  }

  #confirmGetack(offset: number, value: number, doubts: boolean): Finding | undefined {
    const getack = this.#getacks[0]
    if (getack === undefined) return undefined
    const expected = value + getack
    if (offset === expected || this.#lastAck === expected) {
      this.#answersGetack ||= offset === expected
      this.#nextGetack()
      return undefined
    }
    this.#answer ??= offset
    if (offset < expected) return undefined
    const difference = this.#answer - expected
    this.lostAcks()
    if (!doubts && !this.#answersGetack) return undefined
    return this.#move('getack', value, difference)
  }

  #nextGetack(): void {
    this.#getacks.shift()
    this.#answer = undefined
  }
}
