/**
 * PartialSort: puts in order what will be seen, as Redis does for SORT … LIMIT and GEOSEARCH … COUNT.
 *
 *   quicksort by three parts:  [ = pivot | < pivot | not seen yet | > pivot | = pivot ]  ─►  [ < | = | > ]
 *   of which only those are sorted further that meet the wanted range
 *
 * Why not simply sort: among equals the order is that of this algorithm, and a client sees it.
 * Source: J. L. Bentley, M. D. McIlroy, "Engineering a Sort Function" (1993); redis 7.0 `src/pqsort.c`.
 */
type Compare<T> = (a: T, b: T) => number

/** Shorter parts are sorted by insertion; longer ones choose their pivot among three, or among nine. */
const SHORT = 7
const LONG = 40

/**
 * Sorts `items` in place, so far that from `first` to `last` (inclusive) stands what a whole sort puts
 * there.
 */
export function partialSort<T>(items: T[], compare: Compare<T>, first: number, last: number): void {
  const parts: [number, number][] = [[0, items.length]]
  for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
    const [from, length] = part
    if (length < SHORT) {
      insertionSort(items, compare, from, length)
      continue
    }
    const { lower, higher } = split(items, compare, from, length)
    for (const [start, size] of [
      [from, lower],
      [from + length - higher, higher],
    ] as const) {
      if (size > 1 && start <= last && start + size > first) parts.push([start, size])
    }
  }
}

function insertionSort<T>(items: T[], compare: Compare<T>, from: number, length: number): void {
  for (let end = from + 1; end < from + length; end++) {
    for (let at = end; at > from && compare(items[at - 1]!, items[at]!) > 0; at--) swap(items, at, at - 1)
  }
}

/** Divides a part by a pivot: lower ones, equal ones, higher ones. @returns how many lower and higher ones */
function split<T>(
  items: T[],
  compare: Compare<T>,
  from: number,
  length: number,
): { readonly lower: number; readonly higher: number } {
  swap(items, from, pivotOf(items, compare, from, length))
  const end = from + length
  const pivot = items[from]!
  // Equal ones gather at both ends, up to `equalLeft` and behind `equalRight`.
  let [equalLeft, left, right, equalRight] = [from + 1, from + 1, end - 1, end - 1]
  for (;;) {
    for (; left <= right; left++) {
      const order = compare(items[left]!, pivot)
      if (order > 0) break
      if (order === 0) swap(items, equalLeft++, left)
    }
    for (; left <= right; right--) {
      const order = compare(items[right]!, pivot)
      if (order < 0) break
      if (order === 0) swap(items, right, equalRight--)
    }
    if (left > right) break
    swap(items, left++, right--)
  }
  const [lower, higher] = [left - equalLeft, equalRight - right]
  swapRuns(items, from, left, Math.min(equalLeft - from, lower))
  swapRuns(items, left, end, Math.min(higher, end - equalRight - 1))
  return { lower, higher }
}

function pivotOf<T>(items: T[], compare: Compare<T>, from: number, length: number): number {
  const middle = from + (length >> 1)
  if (length === SHORT) return middle
  const last = from + length - 1
  if (length <= LONG) return median(items, compare, from, middle, last)
  const eighth = length >> 3
  return median(
    items,
    compare,
    median(items, compare, from, from + eighth, from + 2 * eighth),
    median(items, compare, middle - eighth, middle, middle + eighth),
    median(items, compare, last - 2 * eighth, last - eighth, last),
  )
}

/** Which of three stands in the middle. */
function median<T>(items: T[], compare: Compare<T>, a: number, b: number, c: number): number {
  const [one, two, three] = [items[a]!, items[b]!, items[c]!]
  if (compare(one, two) < 0) return compare(two, three) < 0 ? b : compare(one, three) < 0 ? c : a
  return compare(two, three) > 0 ? b : compare(one, three) < 0 ? a : c
}

/** Exchanges the `count` items from `start` on with those before `end`. */
function swapRuns<T>(items: T[], start: number, end: number, count: number): void {
  for (let i = 0; i < count; i++) swap(items, start + i, end - count + i)
}

function swap<T>(items: T[], a: number, b: number): void {
  const item = items[a]!
  items[a] = items[b]!
  items[b] = item
}
