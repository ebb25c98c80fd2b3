/**
 * Streams read on: XREAD, XREADGROUP, at once or when something comes.
 *
 *   XREAD      [COUNT n] [BLOCK ms] STREAMS key … id …        behind the ids; `$` is the end as of now
 *   XREADGROUP GROUP g c … [NOACK] STREAMS key … id …         `>`: what nobody of the group has got, or an
 *                                                             id: what is pending for this consumer
 *
 * A client that waits is served from the stream that is ready first, a thousand entries at most.
 *
 * Source: redis 7.0 `src/t_stream.c`, xreadCommand; `src/blocked.c`, serveClientsBlockedOnStreamKey.
 */
import type { ByteString } from '../../../bytes/byte-string.ts'
import { integerArgument, word } from '../../arguments.ts'
import type { Call } from '../../call.ts'
import { defineCommands, NO_KEYS } from '../../command-spec.ts'
import { compareIds, type Id, idText, MAX_ID, MIN_ID, nextId } from '../../dataset/stream-id.ts'
import type { StreamValue } from '../../dataset/stream-value.ts'
import { NULL_ARRAY, Pairs, Refusal, type Reply, SYNTAX } from '../../replies.ts'
import { millisTimeout } from '../timeout.ts'
import { deliver, history } from './delivery.ts'
import { strictId } from './ids.ts'
import { entriesReply } from './ranging.ts'

/**
 * Entries that a client gets at most when it had to wait and named no COUNT (XREAD_BLOCKED_DEFAULT_COUNT).
 */
const SERVED_MAX = 1000

type Reading = {
  readonly group: ByteString | undefined
  readonly consumer: ByteString | undefined
  readonly noAck: boolean
  /** Undefined: all. */
  readonly count: number | undefined
  /** Undefined: nobody waits. */
  readonly timeout: number | undefined
  /** Where the keys begin among the words, and how many they are. */
  readonly keysAt: number
  readonly streams: number
}

/** Where to go on in a stream; `new`: behind what was delivered to the group. */
type From = Id | 'new'

function read(call: Call, isGroup: boolean): Reply {
  call.propagateNothing()
  const reading = readingOf(call, isGroup)
  const { keysAt, streams, timeout } = reading
  const keys = call.argv.slice(keysAt, keysAt + streams)
  const froms = keys.map((key, i) => fromOf(call, reading, key, call.argv[keysAt + streams + i]!))
  const found: Reply[] = []
  for (const [i, key] of keys.entries()) {
    if (call.readyKey !== undefined && call.readyKey !== key) continue
    const entries = entriesOf(call, reading, key, froms[i]!)
    if (entries !== undefined) found.push(...(call.session.resp === 2 ? [[key, entries]] : [key, entries]))
  }
  if (found.length > 0) return call.session.resp === 2 ? found : new Pairs(found)
  if (timeout === undefined) return NULL_ARRAY
  const again = call.argv.slice(0, keysAt + streams)
  for (const from of froms) again.push(from === 'new' ? NEW : idText(from))
  return call.block(keys, timeout, NULL_ARRAY, undefined, again)
}

const NEW = '>' as ByteString

function readingOf({ argv, readyKey }: Call, isGroup: boolean): Reading {
  let [count, noAck] = [0, false]
  let group: ByteString | undefined
  let consumer: ByteString | undefined
  let timeout: number | undefined
  let keysAt = 0
  for (let i = 1; keysAt === 0 && i < argv.length; i++) {
    const name = word(argv[i]!)
    const left = argv.length - i - 1
    if (name === 'BLOCK' && left > 0) timeout = millisTimeout(argv[++i]!)
    else if (name === 'COUNT' && left > 0) count = Math.max(0, integerArgument(argv[++i]!))
    else if (name === 'STREAMS' && left > 0) keysAt = i + 1
    else if (name === 'GROUP' && left > 1) {
      if (!isGroup) throw new Refusal(groupOnly('GROUP'))
      group = argv[++i]!
      consumer = argv[++i]!
    } else if (name === 'NOACK') {
      if (!isGroup) throw new Refusal(groupOnly('NOACK'))
      noAck = true
    } else throw new Refusal(SYNTAX)
  }
  const streams = (argv.length - keysAt) / 2
  if (keysAt > 0 && !Number.isInteger(streams)) throw new Refusal(UNBALANCED)
  if (keysAt === 0) throw new Refusal(SYNTAX)
  if (isGroup && group === undefined) throw new Refusal('ERR Missing GROUP option for XREADGROUP')
  if (count === 0 && readyKey !== undefined) count = SERVED_MAX
  return { group, consumer, noAck, count: count === 0 ? undefined : count, timeout, keysAt, streams }
}

const UNBALANCED = "ERR Unbalanced XREAD list of streams: for each stream key an ID or '$' must be specified."

function groupOnly(option: string): string {
  return `ERR The ${option} option is only supported by XREADGROUP. You called XREAD instead.`
}

function fromOf(call: Call, { group: name }: Reading, key: ByteString, text: ByteString): From {
  const value = streamOf(call, key)
  if (name !== undefined && call.readyKey === undefined && value?.group(name) === undefined) {
    throw new Refusal(
      `NOGROUP No such key '${key}' or consumer group '${name}' in XREADGROUP with GROUP option`,
    )
  }
  if (text === '$') {
    if (name === undefined) return value?.lastId ?? MIN_ID
    throw new Refusal(
      'ERR The $ ID is meaningless in the context of XREADGROUP: you want to read the history of this ' +
        'consumer by specifying a proper ID, or use the > ID to get new messages. ' +
        'The $ ID would just return an empty result set.',
    )
  }
  if (text !== '>') return strictId(text)
  if (name !== undefined) return 'new'
  throw new Refusal(
    'ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.',
  )
}

/** Who waits does not fail for the type of a key that has become something else. */
function streamOf(call: Call, key: ByteString): StreamValue | undefined {
  if (call.readyKey !== undefined && call.glance(key)?.value.type !== 'stream') return undefined
  return call.find(key, 'stream')
}

const GONE = 'UNBLOCKED the stream key no longer exists'

/** Undefined: there is nothing to be served from this stream. */
function entriesOf(call: Call, reading: Reading, key: ByteString, from: From): Reply | undefined {
  const value = streamOf(call, key)
  if (value === undefined) {
    // There was one when the wait began, or there would have been no group.
    if (call.isRetry && reading.group !== undefined) throw new Refusal(GONE)
    return undefined
  }
  if (reading.group !== undefined) return entriesOfGroup(call, reading, key, value, from)
  if (from === 'new' || !hasBehind(value, from)) return undefined
  return entriesReply(value.ascending(behind(from)), reading.count)
}

function entriesOfGroup(
  call: Call,
  { group: name, consumer: consumerName, noAck, count }: Reading,
  key: ByteString,
  value: StreamValue,
  from: From,
): Reply | undefined {
  const group = value.group(name!)
  if (group === undefined) {
    throw new Refusal('NOGROUP the consumer group this client was blocked on no longer exists')
  }
  if (from === 'new' && !hasBehind(value, group.lastId)) return undefined
  const target = { call, key, value, group, noAck, count }
  call.entryForWrite(key)
  call.changes++
  if (from !== 'new') return history(target, consumerName!, behind(from))
  return deliver(target, consumerName!, behind(group.lastId))
}

function hasBehind(value: StreamValue, id: Id): boolean {
  return value.length > 0 && compareIds(value.lastLiveId, id) > 0
}

/** Behind the last there is only the last, where nothing can be. */
function behind(id: Id): Id {
  return nextId(id) ?? MAX_ID
}

/** Keys are the first half of what follows the first STREAMS from `from` on. */
const streamKeys =
  (from: number) =>
  (argv: readonly ByteString[]): readonly number[] => {
    const at = argv.findIndex((text, i) => i >= from && word(text) === 'STREAMS') + 1
    const count = Math.floor((argv.length - at) / 2)
    return at === 0 ? [] : Array.from({ length: count }, (_, i) => at + i)
  }

export const consumingCommands = defineCommands({
  xread: {
    arity: -4,
    flags: ['readonly', 'blocking', 'movablekeys'],
    keys: NO_KEYS,
    findKeys: streamKeys(1),
    effect: 'none',
    run: (call) => read(call, false),
  },
  xreadgroup: {
    arity: -7,
    flags: ['write', 'blocking', 'movablekeys'],
    keys: NO_KEYS,
    findKeys: streamKeys(4),
    effect: 'own',
    run: (call) => read(call, true),
  },
})
