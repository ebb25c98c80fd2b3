/**
 * Pending entries that change hands: XCLAIM by id, XAUTOCLAIM by age.
 *
 * An entry that was deleted from its stream cannot be claimed: it is taken off the list, and replicas are
 * told by an XCLAIM in the name of the old owner.
 *
 * Source: redis 7.0 `src/t_stream.c`, xclaimCommand and xautoclaimCommand.
 */
import type { ByteString } from '../../../bytes/byte-string.ts'
import { integerArgument, integerInRange, word } from '../../arguments.ts'
import type { Call } from '../../call.ts'
import { defineCommands, ONE_KEY } from '../../command-spec.ts'
import { type Consumer, type ConsumerGroup, type Pending, rankOfId } from '../../dataset/consumer-group.ts'
import { compareIds, type Id, idText, MIN_ID, parseId } from '../../dataset/stream-id.ts'
import type { StreamEntry } from '../../dataset/stream-node.ts'
import type { StreamValue } from '../../dataset/stream-value.ts'
import { Refusal, type Reply, SYNTAX, shown } from '../../replies.ts'
import { propagateClaim, propagatePosition } from './effects.ts'
import { newConsumer } from './groups.ts'
import { rangeStart, strictId } from './ids.ts'
import { noGroup } from './pending.ts'
import { entryReply } from './ranging.ts'

type Claim = {
  readonly call: Call
  readonly key: ByteString
  readonly value: StreamValue
  readonly group: ConsumerGroup
  readonly consumerName: ByteString
  readonly justId: boolean
}

type ClaimOptions = {
  force: boolean
  justId: boolean
  /** Unix milliseconds. */
  deliveredAt: number
  retryCount: number | undefined
  lastId: Id
}

function xclaim(call: Call): Reply {
  call.propagateNothing()
  const [, key, name, consumerName, idleText, ...words] = call.argv as ByteString[]
  const value = call.findForWrite(key!, 'stream')
  const group = value?.group(name!)
  if (group === undefined) throw new Refusal(noGroup(key!, name!))
  const minIdle = integerArgument(idleText!, 'ERR Invalid min-idle-time argument for XCLAIM')
  const optionsAt = words.findIndex((text) => parseId(text, 0) === undefined)
  const texts = optionsAt < 0 ? words : words.slice(0, optionsAt)
  const options = claimOptions(optionsAt < 0 ? [] : words.slice(optionsAt), call.now)
  let hasMoved = compareIds(options.lastId, group.lastId) > 0
  if (hasMoved) group.lastId = options.lastId
  const { justId } = options
  const claim: Claim = { call, key: key!, value: value!, group, consumerName: consumerName!, justId }
  const reply: Reply[] = []
  for (const text of texts) {
    const before = call.changes
    reply.push(...claimOne(claim, text, minIdle, options))
    // The claim of an entry says where the group is.
    if (call.changes > before) hasMoved = false
  }
  if (hasMoved) {
    propagatePosition(call, key!, group)
    call.changes++
  }
  return reply
}

function claimOptions(words: readonly ByteString[], now: number): ClaimOptions {
  let delivered: number | undefined
  const options: ClaimOptions = {
    force: false,
    justId: false,
    deliveredAt: now,
    retryCount: undefined,
    lastId: MIN_ID,
  }
  for (let i = 0; i < words.length; i++) {
    const name = word(words[i]!)
    const hasMore = i + 1 < words.length
    const invalid = `ERR Invalid ${name} option argument for XCLAIM`
    if (name === 'FORCE') options.force = true
    else if (name === 'JUSTID') options.justId = true
    else if (name === 'IDLE' && hasMore) delivered = now - integerArgument(words[++i]!, invalid)
    else if (name === 'TIME' && hasMore) delivered = integerArgument(words[++i]!, invalid)
    else if (name === 'RETRYCOUNT' && hasMore) options.retryCount = integerArgument(words[++i]!, invalid)
    else if (name === 'LASTID' && hasMore) options.lastId = strictId(words[++i]!)
    else throw new Refusal(`ERR Unrecognized XCLAIM option '${shown(words[i]!)}'`)
  }
  // A time that cannot be is taken for now: clients reckon with clocks of their own.
  if (delivered !== undefined && delivered >= 0 && delivered <= now) options.deliveredAt = delivered
  return options
}

/** A consumer that is new comes into being with the first entry that it claims. */
function consumerOf({ call, key, group, consumerName: name }: Claim): Consumer {
  const found = group.consumers.get(name)
  if (found === undefined) return newConsumer(call, key, group, name)
  found.seenAt = call.now
  return found
}

/** Replies with the entry if it was claimed. */
function claimOne(claim: Claim, text: ByteString, minIdle: number, options: ClaimOptions): Reply[] {
  const { call, key, value, group } = claim
  const id = strictId(text)
  const entry = value.find(id)
  const found = group.pendingOf(id)
  if (entry === undefined) {
    if (found !== undefined) forget(claim, found, text)
    return []
  }
  if (found === undefined && !options.force) return []
  if (found !== undefined && minIdle > 0 && call.now - found.deliveredAt < minIdle) return []
  const consumer = consumerOf(claim)
  const pending = found ?? group.addPending(id, consumer, call.now, 1)
  group.movePending(pending, consumer)
  pending.deliveredAt = options.deliveredAt
  if (options.retryCount !== undefined && options.retryCount >= 0) pending.count = options.retryCount
  else if (!options.justId) pending.count++
  propagateClaim(call, key, group, pending, text)
  call.changes++
  return [claimedReply(claim, entry)]
}

function claimedReply({ justId }: Claim, entry: StreamEntry): Reply {
  return justId ? idText(entry.id) : entryReply(entry)
}

/** The entry has gone from the stream: nobody can have it any more. */
function forget({ call, key, group }: Claim, pending: Pending, text: ByteString): void {
  propagateClaim(call, key, group, pending, text)
  call.changes++
  group.removePending(pending)
}

/** How many entries are looked at for one that is wanted. */
const ATTEMPTS = 10
const COUNT_DEFAULT = 100
/** So many ids fit into memory as Redis measures it. */
const COUNT_MAX = 2 ** 63 / 16

function xautoclaim(call: Call): Reply {
  call.propagateNothing()
  const [, key, name, consumerName, idleText, startText, ...words] = call.argv as ByteString[]
  const minIdle = integerArgument(idleText!, 'ERR Invalid min-idle-time argument for XAUTOCLAIM')
  const start = rangeStart(startText!)
  const { count, justId } = autoclaimOptions(words)
  const value = call.findForWrite(key!, 'stream')
  const group = value?.group(name!)
  if (group === undefined) throw new Refusal(noGroup(key!, name!))
  const claim: Claim = { call, key: key!, value: value!, group, consumerName: consumerName!, justId }
  const claimed: Reply[] = []
  const deleted: Reply[] = []
  const seen = { rank: rankOfId(group.pending, start), attempts: count * ATTEMPTS }
  for (; seen.attempts > 0 && claimed.length + deleted.length < count; seen.attempts--) {
    const pending = group.pending.at(seen.rank)
    if (pending === undefined) break
    const entry = value!.find(pending.id)
    if (entry === undefined) {
      forget(claim, pending, idText(pending.id))
      deleted.push(idText(pending.id))
      continue
    }
    seen.rank++
    if (minIdle > 0 && call.now - pending.deliveredAt < minIdle) continue
    group.movePending(pending, consumerOf(claim))
    pending.deliveredAt = call.now
    if (!justId) pending.count++
    propagateClaim(call, key!, group, pending, idText(pending.id))
    call.changes++
    claimed.push(claimedReply(claim, entry))
  }
  return [idText(group.pending.at(seen.rank)?.id ?? MIN_ID), claimed, deleted]
}

function autoclaimOptions(words: readonly ByteString[]): { count: number; justId: boolean } {
  let [count, justId] = [COUNT_DEFAULT, false]
  for (let i = 0; i < words.length; i++) {
    const name = word(words[i]!)
    if (name === 'COUNT' && i + 1 < words.length) {
      count = integerInRange(words[++i]!, 1, COUNT_MAX, 'ERR COUNT must be > 0')
    } else if (name === 'JUSTID') justId = true
    else throw new Refusal(SYNTAX)
  }
  return { count, justId }
}

const CLAIMING = { arity: -6, flags: ['write', 'fast'], keys: ONE_KEY, effect: 'own' } as const

export const claimingCommands = defineCommands({
  xclaim: { ...CLAIMING, run: xclaim },
  xautoclaim: { ...CLAIMING, run: xautoclaim },
})
