/**
 * KeyTable: what is remembered of every key of both snapshots, in 24 bytes each.
 *
 *   slot   hash of db and key, 62 bits │ state, 2 bits │ digest, 128 bits
 *                                            or, once it is known to differ: position in the second
 *
 * Open addressing in 64 segments, chosen by the first bits of the hash; each grows by half when it is four
 * fifths full. So growing copies a 64th of the table at a time, and 10 million keys take 300 to 450 MB. They
 * are outside of V8's heap: only the memory of the machine limits them.
 *
 * Two keys of one snapshot with the same 62 bits are not told apart: insert() and match() say 'twice', and
 * so may the caller (a chance of 1 in 90,000 among 10 million keys). A key of one and another key of the
 * other snapshot meet in one slot with different digests, for the digest includes the key: that is found on
 * the second look.
 */
export type KeyState = 'absent' | 'only-first' | 'equal' | 'different'
export type Match = 'absent' | 'equal' | 'different' | 'twice'

const SEGMENT_BITS = 6
const WORDS = 6
const FIRST_CAPACITY = 32
const FILL_MAX = 0.8
const GROWTH = 1.5
const TWO_32 = 0x1_0000_0000

const EMPTY = 0
const ONLY_FIRST = 1
const EQUAL = 2
const DIFFERENT = 3
const STATES: readonly KeyState[] = ['absent', 'only-first', 'equal', 'different']
const STATE_MASK = 3

type Segment = { words: Int32Array; capacity: number; used: number }

export class KeyTable {
  readonly #segments: Segment[] = []

  constructor() {
    for (let i = 0; i < 1 << SEGMENT_BITS; i++) {
      this.#segments.push({
        words: new Int32Array(FIRST_CAPACITY * WORDS),
        capacity: FIRST_CAPACITY,
        used: 0,
      })
    }
  }

  /** Memory in use. */
  get bytes(): number {
    return this.#segments.reduce((sum, { words }) => sum + words.byteLength, 0)
  }

  /**
   * Notes a key of the first snapshot.
   * @param hash of db and key; its first two lanes are used @param digest of all that is compared
   * @returns false if it was noted before: nothing is changed then
   */
  insert(hash: Int32Array, digest: Int32Array): boolean {
    const segment = this.#segmentOf(hash)
    if (segment.used >= segment.capacity * FILL_MAX) grow(segment)
    const { words } = segment
    const at = find(segment, hash[0]!, hash[1]! & ~STATE_MASK)
    if ((words[at + 1]! & STATE_MASK) !== EMPTY) return false
    words[at] = hash[0]!
    words[at + 1] = (hash[1]! & ~STATE_MASK) | ONLY_FIRST
    words.set(digest, at + 2)
    segment.used++
    return true
  }

  /** Looks for a key of the second snapshot, and notes what was found. @param position of its record */
  match(hash: Int32Array, digest: Int32Array, position: number): Match {
    const segment = this.#segmentOf(hash)
    const { words } = segment
    const at = find(segment, hash[0]!, hash[1]! & ~STATE_MASK)
    const state = words[at + 1]! & STATE_MASK
    if (state === EMPTY) return 'absent'
    if (state !== ONLY_FIRST) return 'twice'
    const isEqual =
      words[at + 2] === digest[0] &&
      words[at + 3] === digest[1] &&
      words[at + 4] === digest[2] &&
      words[at + 5] === digest[3]
    words[at + 1] = (words[at + 1]! & ~STATE_MASK) | (isEqual ? EQUAL : DIFFERENT)
    if (isEqual) return 'equal'
    words[at + 2] = position | 0
    words[at + 3] = Math.floor(position / TWO_32)
    return 'different'
  }

  stateOf(hash: Int32Array): KeyState {
    const segment = this.#segmentOf(hash)
    const at = find(segment, hash[0]!, hash[1]! & ~STATE_MASK)
    return STATES[segment.words[at + 1]! & STATE_MASK]!
  }

  /** Where the record of a 'different' key is in the second snapshot. */
  positionOf(hash: Int32Array): number {
    const segment = this.#segmentOf(hash)
    const at = find(segment, hash[0]!, hash[1]! & ~STATE_MASK)
    return (segment.words[at + 2]! >>> 0) + segment.words[at + 3]! * TWO_32
  }

  #segmentOf(hash: Int32Array): Segment {
    return this.#segments[hash[0]! >>> (32 - SEGMENT_BITS)]!
  }
}

/** Index of the slot of a hash, or of the empty one where it would stand. */
function find({ words, capacity }: Segment, high: number, low: number): number {
  let slot = Math.floor(((low >>> 0) / TWO_32) * capacity)
  for (;;) {
    const at = slot * WORDS
    const second = words[at + 1]!
    if ((second & STATE_MASK) === EMPTY) return at
    if (words[at] === high && (second & ~STATE_MASK) === low) return at
    slot = slot + 1 === capacity ? 0 : slot + 1
  }
}

function grow(segment: Segment): void {
  const { words, capacity } = segment
  segment.capacity = Math.ceil(capacity * GROWTH)
  segment.words = new Int32Array(segment.capacity * WORDS)
  for (let at = 0; at < words.length; at += WORDS) {
    const second = words[at + 1]!
    if ((second & STATE_MASK) === EMPTY) continue
    segment.words.set(words.subarray(at, at + WORDS), find(segment, words[at]!, second & ~STATE_MASK))
  }
}
