/**
 * LCS: the longest common subsequence of two strings, and where it lies in both.
 *
 *   LCS a b [LEN | IDX [MINMATCHLEN n] [WITHMATCHLEN]]
 *
 * The textbook's table, length(i, j) for all prefixes, is filled row by row; only the last row is kept, and
 * of each place one bit: does the way back go up (to i - 1) or left (to j - 1)? So it takes a thirty-second
 * of what Redis needs, and Redis's own limit is kept for its sake only.
 *
 * Source: redis 7.0 `src/t_string.c`, lcsCommand.
 */
import { integerArgument, word } from '../../arguments.ts'
import type { Call } from '../../call.ts'
import { Pairs, Refusal, type Reply, SYNTAX } from '../../replies.ts'

type Options = { wantsIndices: boolean; wantsLength: boolean; withMatchLength: boolean; matchMin: number }
/** A run of equal bytes: first index in a, first index in b, how many. */
type Match = { readonly a: number; readonly b: number; readonly length: number }

const EMPTY = Buffer.alloc(0)

export function lcs(call: Call): Reply {
  const [a, b] = [stringAt(call, 1), stringAt(call, 2)]
  const options = lcsOptions(call)
  const tableBytes = 4 * (a.length + 1) * (b.length + 1)
  if (tableBytes > call.server.settings.bulkBytesMax) {
    throw new Refusal('ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len')
  }
  const { length, goesUp } = commonLength(a, b)
  if (options.wantsLength) return length
  const matches = matchesOf(a, b, goesUp)
  if (!options.wantsIndices) return subsequence(a, matches, length)
  const shown = matches.filter((match) => match.length >= options.matchMin)
  return new Pairs(['matches', shown.map((match) => rangesOf(match, options)), 'len', length])
}

function stringAt(call: Call, index: 1 | 2): Buffer {
  const value = call.entry(call.argv[index]!)?.value
  if (value === undefined) return EMPTY
  if (value.type !== 'string') throw new Refusal('ERR The specified keys must contain string values')
  return value.bytes
}

function lcsOptions({ argv }: Call): Options {
  const options: Options = { wantsIndices: false, wantsLength: false, withMatchLength: false, matchMin: 0 }
  for (let i = 3; i < argv.length; i++) {
    const option = word(argv[i]!)
    if (option === 'IDX') options.wantsIndices = true
    else if (option === 'LEN') options.wantsLength = true
    else if (option === 'WITHMATCHLEN') options.withMatchLength = true
    else if (option === 'MINMATCHLEN' && i + 1 < argv.length) options.matchMin = integerArgument(argv[++i]!)
    else throw new Refusal(SYNTAX)
  }
  if (options.wantsIndices && options.wantsLength) {
    throw new Refusal('ERR If you want both the length and indexes, please just use IDX.')
  }
  return options
}

/** One bit per pair of indices, row by row of a. */
type Bits = { readonly words: Uint32Array; readonly width: number }

function commonLength(a: Buffer, b: Buffer): { length: number; goesUp: Bits } {
  const width = b.length
  const words = new Uint32Array(Math.ceil((a.length * width) / 32))
  let above = new Uint32Array(width + 1)
  let row = new Uint32Array(width + 1)
  for (let i = 0; i < a.length; i++) {
    const byte = a[i]!
    for (let j = 0, bit = i * width; j < width; j++, bit++) {
      if (byte === b[j]) row[j + 1] = above[j]! + 1
      else if (above[j + 1]! > row[j]!) {
        row[j + 1] = above[j + 1]!
        words[Math.floor(bit / 32)]! |= 1 << (bit % 32)
      } else row[j + 1] = row[j]!
    }
    ;[above, row] = [row, above]
  }
  return { length: above[width]!, goesUp: { words, width } }
}

/** Walks back from both ends: runs of equal bytes, the last one first. */
function matchesOf(a: Buffer, b: Buffer, { words, width }: Bits): Match[] {
  const matches: Match[] = []
  let run = 0
  let [i, j] = [a.length, b.length]
  const close = () => {
    if (run > 0) matches.push({ a: i, b: j, length: run })
    run = 0
  }
  while (i > 0 && j > 0) {
    if (a[i - 1] === b[j - 1]) {
      run++
      i--
      j--
      continue
    }
    close()
    const bit = (i - 1) * width + j - 1
    if ((words[Math.floor(bit / 32)]! >>> (bit % 32)) & 1) i--
    else j--
  }
  close()
  return matches
}

function subsequence(a: Buffer, matches: readonly Match[], length: number): Buffer {
  const found = Buffer.alloc(length)
  let end = length
  for (const match of matches) {
    end -= match.length
    a.copy(found, end, match.a, match.a + match.length)
  }
  return found
}

function rangesOf({ a, b, length }: Match, { withMatchLength }: Options): Reply {
  const ranges = [
    [a, a + length - 1],
    [b, b + length - 1],
  ]
  return withMatchLength ? [...ranges, length] : ranges
}
