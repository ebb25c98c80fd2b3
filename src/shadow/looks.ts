/**
 * Looks: in which way a key of some type is looked at: by its digest, or, where digests of the replica tell
 * nothing, whole.
 */
import type { Abilities, Look } from './question.ts'

export class Looks {
  /** What the replica can be asked; undefined until that is known. */
  abilities: Abilities | undefined
  /** A stream's digest leaves out its groups. */
  readonly #whole = new Set<string>(['stream'])

  /** At first. */
  at(type: string): Look {
    const { hasDebug = false, digestsAlike = false } = this.abilities ?? {}
    const isDigested = hasDebug && !this.#whole.has(type) && (digestsAlike || type !== 'zset')
    return isDigested ? 'digest' : 'dump'
  }

  /** At a key that should not be there. */
  get atStranger(): Look {
    return this.abilities?.hasDebug === true ? 'both' : 'dump'
  }

  /** Its values are equal, and their digests are not: they are no longer asked for. */
  distrust(type: string): void {
    this.#whole.add(type)
  }
}
