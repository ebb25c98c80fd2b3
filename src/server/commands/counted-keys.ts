/** Keys behind their number: `ZUNION 2 a b …`, `ZMPOP 1 a MIN`. */
import type { ByteString } from '../../bytes/byte-string.ts'

/**
 * Indices of the keys whose number stands at `at`; none where the number is none, or greater than what is
 * there.
 */
export function countedKeys(argv: readonly ByteString[], at: number): readonly number[] {
  // C's atoi: whatever digits it begins with.
  const count = Number(/^[ \t-\r]*\+?(\d+)/.exec(argv[at] ?? '')?.[1] ?? 0)
  if (count < 1 || at + count >= argv.length) return []
  return Array.from({ length: count }, (_, i) => at + 1 + i)
}
