/**
 * Short arrays without spare room. V8 gives an array that grows room for sixteen more; of a million
 * small collections that is most of what they take.
 *
 *   push 1, 2, 3      [1 2 3 . . . . . . . . . . . . . .]      V8: room for 17
 *   inserted()        [1 2 3]                                  copied each time, up to 16
 */

/** Arrays shorter than this are copied to grow. */
const COPIED_MAX = 16

/** The items with another one at `at`: the same array, or a copy as long as it must be. */
export function inserted<T>(items: T[], at: number, item: T): T[] {
  const { length } = items
  if (length >= COPIED_MAX) {
    if (at === length) items.push(item)
    else items.splice(at, 0, item)
    return items
  }
  const copy = new Array<T>(length + 1)
  for (let i = 0; i < at; i++) copy[i] = items[i]!
  copy[at] = item
  for (let i = at; i < length; i++) copy[i + 1] = items[i]!
  return copy
}
