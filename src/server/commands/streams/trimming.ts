/**
 * How streams are kept short: the options of XADD and XTRIM, and what becomes of them for replicas.
 *
 *   MAXLEN | MINID  [= | ~]  threshold  [LIMIT n]
 *
 * `~` takes only whole nodes, and at most so many entries. A replica's nodes may be cut otherwise, so it is
 * told the outcome, exactly: MAXLEN ~ 1000 becomes MAXLEN = 1050.
 *
 * Source: redis 7.0 `src/t_stream.c`, streamParseAddOrTrimArgsOrReply and streamTrim.
 */
import type { ByteString } from '../../../bytes/byte-string.ts'
import { integerArgument, word } from '../../arguments.ts'
import type { Call } from '../../call.ts'
import { type Id, idText, type U64 } from '../../dataset/stream-id.ts'
import type { StreamValue } from '../../dataset/stream-value.ts'
import { Refusal, SYNTAX } from '../../replies.ts'
import { strictId, wantedId } from './ids.ts'

export type Threshold =
  | { readonly by: 'length'; readonly length: number }
  | { readonly by: 'id'; readonly id: Id }

export type TrimOptions = {
  threshold: Threshold | undefined
  isApproximate: boolean
  /** Entries; 0: no limit. */
  limit: number
  /** Index of the threshold among the words. */
  at: number
  noMkstream: boolean
  /** Index of the first word that is no option; of XADD, the id that it asks for. */
  end: number
  wanted: Id | U64 | undefined
}

/**
 * Reads options from argv[2] on. @param isAdd of XADD: an unknown word is the id and ends them @throws
 * Refusal
 */
export function trimOptions(call: Call, isAdd: boolean): TrimOptions {
  const { argv } = call
  const options: TrimOptions = {
    threshold: undefined,
    isApproximate: false,
    limit: 0,
    at: 0,
    noMkstream: false,
    end: 2,
    wanted: undefined,
  }
  let limit: number | undefined
  let i = 2
  for (; i < argv.length; i++) {
    const name = word(argv[i]!)
    const left = argv.length - 1 - i
    if (isAdd && name === '*') break
    if ((name === 'MAXLEN' || name === 'MINID') && left > 0) i = readThreshold(argv, i, name, options)
    else if (name === 'LIMIT' && left > 0) {
      limit = integerArgument(argv[++i]!)
      if (limit < 0) throw new Refusal('ERR The LIMIT argument must be >= 0.')
    } else if (isAdd && name === 'NOMKSTREAM') options.noMkstream = true
    else if (isAdd) {
      options.wanted = wantedId(argv[i]!)
      break
    } else throw new Refusal(SYNTAX)
  }
  options.end = i
  return { ...options, limit: checkedLimit(call, options, limit, isAdd) }
}

function readThreshold(
  argv: readonly ByteString[],
  from: number,
  name: 'MAXLEN' | 'MINID',
  options: TrimOptions,
): number {
  if (options.threshold !== undefined) {
    throw new Refusal(`${SYNTAX}, MAXLEN and MINID options at the same time are not compatible`)
  }
  let at = from + 1
  const mark = argv[at]
  options.isApproximate = mark === '~' && at + 1 < argv.length
  if (options.isApproximate || (mark === '=' && at + 1 < argv.length)) at++
  if (name === 'MAXLEN') {
    const length = integerArgument(argv[at]!)
    if (length < 0) throw new Refusal('ERR The MAXLEN argument must be >= 0.')
    options.threshold = { by: 'length', length }
  } else options.threshold = { by: 'id', id: strictId(argv[at]!) }
  options.at = at
  return at
}

/** What a master has trimmed must be trimmed: its commands know no limit. */
function checkedLimit(call: Call, options: TrimOptions, limit: number | undefined, isAdd: boolean): number {
  const { threshold, isApproximate } = options
  if (threshold === undefined) {
    if (limit) throw new Refusal(`${SYNTAX}, LIMIT cannot be used without specifying a trimming strategy`)
    if (!isAdd) throw new Refusal(`${SYNTAX}, XTRIM must be called with a trimming strategy`)
  }
  if (call.execution.origin === 'master') return 0
  if (limit !== undefined && !isApproximate) {
    throw new Refusal(`${SYNTAX}, LIMIT cannot be used without the special ~ option`)
  }
  if (limit !== undefined || !isApproximate) return limit ?? 0
  const nodes = 100 * call.server.settings.limits.streamNodeEntries
  return nodes <= 0 ? 10_000 : Math.min(nodes, 1_000_000)
}

/** @returns how many entries went */
export function trim(value: StreamValue, { threshold, isApproximate, limit }: TrimOptions): number {
  if (threshold === undefined) return 0
  return threshold.by === 'length'
    ? value.trimToLength(threshold.length, isApproximate, limit)
    : value.trimToId(threshold.id, isApproximate, limit)
}

/** The words with an exact threshold in place of an approximate one: what is there now. */
export function exactly(argv: readonly ByteString[], value: StreamValue, options: TrimOptions): ByteString[] {
  const words = [...argv]
  if (!options.isApproximate) return words
  words[options.at - 1] = '=' as ByteString
  words[options.at] =
    options.threshold!.by === 'length' ? (String(value.length) as ByteString) : idText(value.firstStoredId)
  return words
}
