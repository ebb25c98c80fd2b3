/**
 * HRANDFIELD key [count [WITHVALUES]]: fields by chance; a negative count may name one more than once.
 *
 * Each costs O(1), however large the hash. Different ones are drawn by Floyd's method, which needs as many
 * draws as it gives fields; from a small hash they come in the order in which they lie there, as in Redis.
 *
 * Source: redis 7.0 `src/t_hash.c`, hrandfieldWithCountCommand.
 */
import type { ByteString } from '../../../bytes/byte-string.ts'
import type { Random } from '../../../ports.ts'
import { bigintArgument, word } from '../../arguments.ts'
import type { Call } from '../../call.ts'
import type { HashValue } from '../../dataset/hash-value.ts'
import { Refusal, type Reply, SYNTAX } from '../../replies.ts'

const OUT_OF_RANGE = 'ERR value is out of range'
const LONG_MAX = 2n ** 63n - 1n
/** So many are made for one reply. Redis goes on until its memory is full. */
const DRAWN_MAX = 2 ** 24

export function hrandfield(call: Call): Reply {
  const { argv, random } = call
  const key = argv[1]!
  if (argv.length === 2) {
    const hash = call.find(key, 'hash')
    return hash === undefined ? null : hash.fieldAt(random.below(hash.size))
  }
  const { count, mayRepeat, withValues } = drawOptions(argv)
  const hash = call.find(key, 'hash')
  if (hash === undefined || count === 0) return []
  if (mayRepeat && count > DRAWN_MAX) throw new Refusal(OUT_OF_RANGE)
  return shown(call, hash, drawn(hash, count, mayRepeat, random), withValues)
}

type DrawOptions = { readonly count: number; readonly mayRepeat: boolean; readonly withValues: boolean }

function drawOptions(argv: readonly ByteString[]): DrawOptions {
  const count = bigintArgument(argv[2]!)
  if (count < -LONG_MAX) {
    throw new Refusal(`${OUT_OF_RANGE}, value must between ${-LONG_MAX} and ${LONG_MAX}`)
  }
  const withValues = argv.length > 3
  if (argv.length > 4 || (withValues && word(argv[3]!) !== 'WITHVALUES')) throw new Refusal(SYNTAX)
  if (withValues && (count < -LONG_MAX / 2n || count > LONG_MAX / 2n)) throw new Refusal(OUT_OF_RANGE)
  return { count: Math.abs(Number(count)), mayRepeat: count < 0n, withValues }
}

/** Indices of fields. */
function drawn(hash: HashValue, count: number, mayRepeat: boolean, random: Random): Iterable<number> {
  const { size } = hash
  if (mayRepeat) return Array.from({ length: count }, () => random.below(size))
  if (count >= size) return Array.from({ length: size }, (_, i) => i)
  const chosen = new Set<number>()
  for (let top = size - count; top < size; top++) {
    const pick = random.below(top + 1)
    chosen.add(chosen.has(pick) ? top : pick)
  }
  return hash.isPacked ? [...chosen].sort((a, b) => a - b) : chosen
}

/** RESP3 shows each field with its value as a pair, RESP2 one after the other. */
function shown(call: Call, hash: HashValue, indices: Iterable<number>, withValues: boolean): Reply {
  const items: Reply[] = []
  for (const index of indices) {
    const field = hash.fieldAt(index)
    if (!withValues) items.push(field)
    else if (call.session.resp === 3) items.push([field, hash.valueAt(index)])
    else items.push(field, hash.valueAt(index))
  }
  return items
}
