/**
 * Accesses: when and how often a key was used, for maxmemory policies and OBJECT IDLETIME / FREQ.
 *
 * LFU counts logarithmically: the higher the counter, the less likely an access raises it; and it decays
 * with time.
 * Source: redis 7.0 `src/evict.c`, LFULogIncr and LFUDecrAndReturn.
 */
import type { Random } from '../ports.ts'
import type { Settings } from './config/settings.ts'
import type { Entry } from './dataset/entry.ts'

/** A new key begins here, so that it is not the first to go (LFU_INIT_VAL). */
const FREQUENCY_FIRST = 5
const FREQUENCY_MAX = 255
const MINUTE = 60
const FINE = 2 ** 30

export class Accesses {
  readonly #settings: Settings
  readonly #random: Random

  constructor(settings: Settings, random: Random) {
    this.#settings = settings
    this.#random = random
  }

  get isLfu(): boolean {
    return this.#settings.isLfu
  }

  touch(entry: Entry, now: number): void {
    if (this.isLfu) entry.frequency = this.#raised(this.frequency(entry, now))
    entry.usedAt = Math.floor(now / 1000)
  }

  /** The counter as of now. */
  frequency(entry: Entry, now: number): number {
    const decay = this.#settings.lfuDecayMinutes
    if (decay === 0) return entry.frequency
    const periods = Math.floor((now / 1000 - entry.usedAt) / MINUTE / decay)
    return Math.max(0, entry.frequency - periods)
  }

  #raised(frequency: number): number {
    if (frequency >= FREQUENCY_MAX) return FREQUENCY_MAX
    const above = Math.max(0, frequency - FREQUENCY_FIRST)
    const chance = 1 / (above * this.#settings.lfuLogFactor + 1)
    return this.#random.below(FINE) / FINE < chance ? frequency + 1 : frequency
  }
}
