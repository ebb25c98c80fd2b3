/**
 * Sequence numbers: 32 bits that wrap, so "before" and "after" exist only within half the circle.
 *
 *        from                       to
 *   ──────┼─────────────────────────┼─────►      distance(from, to) = (to - from) | 0
 *         └──────── +distance ──────┘            negative where `to` is behind
 *
 * The one home of this arithmetic. Source: RFC 9293, section 3.4.
 */

/** How far `to` is ahead of `from`: -2³¹ … 2³¹-1. */
export function distance(from: number, to: number): number {
  return (to - from) | 0
}

/** The sequence number `count` after `seq` (or before it), unsigned. */
export function advance(seq: number, count: number): number {
  return (seq + count) >>> 0
}
