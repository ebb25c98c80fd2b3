/**
 * WaitingLine: who waits for one key, in the order in which they came.
 *
 *   join() ─► at the end        leave(place) ─► from anywhere, O(1)        first ─► next ─► …
 *
 * A linked list, because thousands may leave from the front one by one: a Set would walk over the gaps they
 * left. A place that was left still knows what is behind it, so a walk goes on from there.
 */
export type Place<T> = {
  readonly who: T
  next: Place<T> | undefined
  previous: Place<T> | undefined
}

export class WaitingLine<T> {
  #first: Place<T> | undefined
  #last: Place<T> | undefined

  get first(): Place<T> | undefined {
    return this.#first
  }

  join(who: T): Place<T> {
    const place: Place<T> = { who, next: undefined, previous: this.#last }
    if (this.#last === undefined) this.#first = place
    else this.#last.next = place
    this.#last = place
    return place
  }

  leave(place: Place<T>): void {
    const { next, previous } = place
    if (previous === undefined) this.#first = next
    else previous.next = next
    if (next === undefined) this.#last = previous
    else next.previous = previous
  }
}
