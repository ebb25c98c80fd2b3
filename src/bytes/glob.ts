/**
 * Globs as Redis knows them: `*`, `?`, `[abc]`, `[^a]`, `[a-z]`, and `\` before a character that is meant
 * literally.
 *
 * Compiled once and matched in time proportional to pattern × text, whatever the pattern (no backtracking
 * blow-up).
 *
 * Source: redis `src/util.c`, stringmatchlen.
 */
import type { ByteString } from './byte-string.ts'

type Piece = { readonly kind: 'star' } | { readonly kind: 'one'; readonly matches: (code: number) => boolean }

/** A predicate that tells whether the whole text matches. */
export function globMatcher(pattern: ByteString): (text: string) => boolean {
  const pieces = compile(pattern)
  return (text) => {
    let piece = 0
    let at = 0
    let lastStar = -1
    let lastStarAt = 0
    while (at < text.length) {
      const here = pieces[piece]
      if (here?.kind === 'star') {
        lastStar = piece++
        lastStarAt = at
      } else if (here?.matches(text.charCodeAt(at))) {
        piece++
        at++
      } else if (lastStar >= 0) {
        // Only the last star needs to give way: an earlier one could not do better.
        piece = lastStar + 1
        at = ++lastStarAt
      } else return false
    }
    while (pieces[piece]?.kind === 'star') piece++
    return piece === pieces.length
  }
}

function compile(pattern: string): Piece[] {
  const pieces: Piece[] = []
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at]!
    if (char === '*') {
      if (pieces.at(-1)?.kind !== 'star') pieces.push({ kind: 'star' })
    } else if (char === '?') pieces.push({ kind: 'one', matches: () => true })
    else if (char === '[') {
      const set = characterSet(pattern, at)
      pieces.push({ kind: 'one', matches: set.matches })
      at = set.end
    } else {
      if (char === '\\' && at + 1 < pattern.length) at++
      const code = pattern.charCodeAt(at)
      pieces.push({ kind: 'one', matches: (c) => c === code })
    }
  }
  return pieces
}

/** `[…]` from `start`; an unclosed one reaches to the end of the pattern. */
function characterSet(pattern: string, start: number): { matches: (code: number) => boolean; end: number } {
  const ranges: [number, number][] = []
  let at = start + 1
  const negated = pattern[at] === '^'
  if (negated) at++
  for (; at < pattern.length && pattern[at] !== ']'; at++) {
    // An escaped character begins no range; and `]` may end one: `[a-]` goes on behind it.
    const isEscaped = pattern[at] === '\\' && at + 1 < pattern.length
    if (isEscaped) at++
    const first = pattern.charCodeAt(at)
    const isRange = !isEscaped && pattern[at + 1] === '-' && at + 2 < pattern.length
    const last = isRange ? pattern.charCodeAt(at + 2) : first
    if (isRange) at += 2
    ranges.push([Math.min(first, last), Math.max(first, last)])
  }
  return {
    matches: (code) => ranges.some(([low, high]) => code >= low && code <= high) !== negated,
    end: at,
  }
}
