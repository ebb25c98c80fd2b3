/**
 * Which arguments of a command are keys.
 *
 *   SET k v          first argument              MSET a 1 b 2        every second one
 *   DEL a b c        all of them                 EVAL s 2 a b …      as many as the number before them says
 *
 * Only what can stand on a replication stream and has its keys elsewhere than in the first argument is
 * listed.
 *
 * Source: `COMMAND` of redis 7.0 … 8.6 and valkey 9.1 (first key, last key, step), and their key
 * specifications.
 */
import type { MaybeLong } from '../bytes/long-bytes.ts'
import type { Command } from './../codec/resp/command.ts'

/** Index of the first key, of the last (negative: from the end), and the distance between keys. */
type Range = readonly [first: number, last: number, step: number]

const RANGES: Readonly<Record<string, Range>> = {
  DEL: [1, -1, 1],
  UNLINK: [1, -1, 1],
  TOUCH: [1, -1, 1],
  MSET: [1, -1, 2],
  MSETNX: [1, -1, 2],
  RENAME: [1, 2, 1],
  RENAMENX: [1, 2, 1],
  COPY: [1, 2, 1],
  LMOVE: [1, 2, 1],
  RPOPLPUSH: [1, 2, 1],
  SMOVE: [1, 2, 1],
  SDIFFSTORE: [1, -1, 1],
  SINTERSTORE: [1, -1, 1],
  SUNIONSTORE: [1, -1, 1],
  PFMERGE: [1, -1, 1],
  BITOP: [2, -1, 1],
  XGROUP: [2, 2, 1],
  GEOSEARCHSTORE: [1, 2, 1],
  ZRANGESTORE: [1, 2, 1],
  OBJECT: [2, 2, 1],
}

/** A destination key, then a number, then so many keys. */
const COUNTED_AFTER_DESTINATION = new Set(['ZUNIONSTORE', 'ZINTERSTORE', 'ZDIFFSTORE'])
/** A script or a count option first, then a number, then so many keys: the index of that number. */
const COUNTED: Readonly<Record<string, number>> = { EVAL: 2, EVALSHA: 2, FCALL: 2, LMPOP: 1, ZMPOP: 1 }

/** Their result goes to the key behind one of these words, if there is one. */
const STORED: Readonly<Record<string, readonly string[]>> = {
  SORT: ['STORE'],
  GEORADIUS: ['STORE', 'STOREDIST'],
  GEORADIUSBYMEMBER: ['STORE', 'STOREDIST'],
}

const KEYLESS = new Set([
  'SELECT',
  'MULTI',
  'EXEC',
  'PING',
  'REPLCONF',
  'PUBLISH',
  'SPUBLISH',
  'FLUSHALL',
  'FLUSHDB',
  'SWAPDB',
  'FUNCTION',
  'SCRIPT',
])

/** The keys a command works on; none for commands without keys. */
export function keysOf(command: Command): MaybeLong[] {
  const { name, argc } = command
  if (KEYLESS.has(name) || argc < 2) return []
  const counter = COUNTED_AFTER_DESTINATION.has(name) ? 2 : COUNTED[name]
  if (counter !== undefined) {
    const keys = args(command, counter + 1, counter + Number(command.arg(counter)), 1)
    return counter === 2 && COUNTED[name] === undefined ? [...args(command, 1, 1, 1), ...keys] : keys
  }
  const [first, last, step] = RANGES[name] ?? [1, 1, 1]
  const keys = args(command, first, last < 0 ? argc + last : last, step)
  const words = STORED[name]
  return words === undefined ? keys : [...keys, ...storedBehind(command, words)]
}

function storedBehind(command: Command, words: readonly string[]): MaybeLong[] {
  for (let i = command.argc - 2; i > 1; i--) {
    const word = command.arg(i)
    if (typeof word === 'string' && words.includes(word.toUpperCase())) return args(command, i + 1, i + 1, 1)
  }
  return []
}

function args(command: Command, first: number, last: number, step: number): MaybeLong[] {
  const list: MaybeLong[] = []
  for (let i = first; i <= last && i < command.argc; i += step) {
    const arg = command.arg(i)
    if (arg === undefined) break
    list.push(arg)
  }
  return list
}
