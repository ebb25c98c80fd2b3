/**
 * Past: finds the dataset as it was at one offset of a history, and stops there.
 *
 *   snapshot @100 ─► @150 ─► @180 ─┤ 190 lies in @181..220: stops at 180, and says so
 *
 * Where several snapshots precede the offset, the newest one that does counts. Where the offset is not within
 * what was seen, it says what was.
 */
import type { FollowerListener } from './link-follower.ts'
import { Shadow, type ShadowOptions } from './shadow.ts'
import type { Unit } from './unit.ts'

/** Offsets from a snapshot (or where else the dataset began) to the last that was seen behind it. */
export type Range = { readonly from: number; to: number }

/** What the offset that was asked for lies within. */
export type Within = {
  readonly start: number
  readonly end: number
  /** Names of its commands. */
  readonly names: readonly string[]
  readonly isTransaction: boolean
}

export class Past implements FollowerListener {
  readonly shadow: Shadow
  readonly #wanted: number
  readonly ranges: Range[] = []
  /** Why the dataset was not known any longer, each time that happened. */
  readonly losses: { readonly why: string; readonly offset: number | undefined }[] = []
  /** The offset is reached: the shadow stands there, or at the last boundary before it. */
  isFound = false
  within: Within | undefined
  #isFollowing = false

  constructor(wanted: number, options: ShadowOptions = {}) {
    this.#wanted = wanted
    this.shadow = new Shadow(options)
  }

  begin(beginning: Parameters<FollowerListener['begin']>[0]): void {
    if (this.isFound) return
    const { offset } = beginning
    this.ranges.push({ from: offset, to: offset })
    this.#isFollowing = offset <= this.#wanted
    if (!this.#isFollowing) return
    this.shadow.begin(beginning)
    this.isFound = offset === this.#wanted
  }

  unit(unit: Unit): void {
    const { start, end } = unit
    if (this.isFound) return
    const range = this.ranges.at(-1)
    if (range !== undefined) range.to = end
    if (!this.#isFollowing) return
    if (end > this.#wanted) {
      this.isFound = true
      const names = unit.commands.map(({ name }) => name)
      const isTransaction = unit.commands.some(({ tx }) => tx !== undefined)
      this.within = { start, end, names, isTransaction }
      return
    }
    this.shadow.apply(unit)
    this.isFound = end === this.#wanted
  }

  renamed(replid: NonNullable<Shadow['replid']>): void {
    if (!this.isFound) this.shadow.replid = replid
  }

  lost(why: string, offset: number | undefined): void {
    if (this.isFound) return
    this.#isFollowing = false
    if (this.losses.length < LOSSES_MAX) this.losses.push({ why, offset })
  }
}

const LOSSES_MAX = 10
