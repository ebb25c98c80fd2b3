/**
 * Ids of stream entries as arguments.
 *
 *   1526919030474-55   whole        1526919030474   its first, or its last where a range ends
 *   -  +               the lowest and the highest there are         (1-1   exclusive, in ranges
 *
 * Source: redis 7.0 `src/t_stream.c`, streamParse…IDOrReply.
 */
import type { ByteString } from '../../../bytes/byte-string.ts'
import { type Id, MAX_ID, MIN_ID, nextId, parseId, previousId, type U64 } from '../../dataset/stream-id.ts'
import { Refusal } from '../../replies.ts'

const INVALID = 'ERR Invalid stream ID specified as stream command argument'

/** A definite id, with sequence 0 where none is given. @throws Refusal */
export function strictId(text: ByteString): Id {
  return parseId(text, 0) ?? refuse()
}

/** Also `-` and `+`. @param seq where none is given @throws Refusal */
export function looseId(text: ByteString, seq: U64): Id {
  if (text === '-') return MIN_ID
  if (text === '+') return MAX_ID
  return parseId(text, seq) ?? refuse()
}

/** The beginning of a range: the first id that is in it. @throws Refusal */
export function rangeStart(text: ByteString): Id {
  if (text.length < 2 || !text.startsWith('(')) return looseId(text, 0)
  const id = nextId(strictId(text.slice(1) as ByteString))
  if (id === undefined) throw new Refusal('ERR invalid start ID for the interval')
  return id
}

/** The end of a range: the last id that is in it. @throws Refusal */
export function rangeEnd(text: ByteString): Id {
  if (text.length < 2 || !text.startsWith('(')) return looseId(text, MAX_ID.seq)
  const id = previousId(parseId(text.slice(1), MAX_ID.seq) ?? refuse())
  if (id === undefined) throw new Refusal('ERR invalid end ID for the interval')
  return id
}

/**
 * The id of a new entry: a whole one, milliseconds of which the next sequence is wanted (`5-*`), or
 * undefined for `*`: all is ours to choose. @throws Refusal
 */
export function wantedId(text: ByteString): Id | U64 | undefined {
  if (text === '*') return undefined
  if (!text.endsWith('-*') || text.indexOf('-') !== text.length - 2) return strictId(text)
  return strictId(text.slice(0, -2) as ByteString).ms
}

function refuse(): never {
  throw new Refusal(INVALID)
}
