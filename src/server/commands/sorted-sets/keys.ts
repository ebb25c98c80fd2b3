/** Keys behind their number: `ZUNION 2 a b …`, `ZMPOP 1 a MIN`. */
import type { ByteString } from '../../../bytes/byte-string.ts'
import { smallInteger } from '../../arguments.ts'

/**
 * Indices of the keys whose number stands at `at`; none where the number is none, or greater than what is
 * there.
 */
export function countedKeys(argv: readonly ByteString[], at: number): readonly number[] {
  const count = smallInteger(argv[at] ?? '') ?? 0
  if (count < 1 || at + count >= argv.length) return []
  return Array.from({ length: count }, (_, i) => at + 1 + i)
}
