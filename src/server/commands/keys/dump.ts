/**
 * DUMP and RESTORE: one value as it stands in an RDB, with version and checksum behind it.
 *
 * Source: redis 7.0 `src/cluster.c`, dumpCommand, restoreCommand.
 */
import { BYTE_STRING_MAX, type ByteString, toBytes } from '../../../bytes/byte-string.ts'
import { decodeDump, dumpFooter } from '../../../codec/rdb/dump.ts'
import { encodeDump } from '../../../codec/rdb/encode-dump.ts'
import type { RdbElement } from '../../../codec/rdb/events.ts'
import { TYPE } from '../../../codec/rdb/format.ts'
import { bigintArgument, integerArgument, word } from '../../arguments.ts'
import type { Call } from '../../call.ts'
import { defineCommands, ONE_KEY } from '../../command-spec.ts'
import type { Value } from '../../dataset/value.ts'
import { contradictionOf, Damaged, damageOf } from '../../persistence/damage.ts'
import { RDB_VERSION_MAX } from '../../persistence/loader.ts'
import { packingLimits } from '../../persistence/packing.ts'
import { Unloadable } from '../../persistence/unloadable.ts'
import { ValueBuilder } from '../../persistence/value-builder.ts'
import { OK, Refusal, type Reply, SYNTAX } from '../../replies.ts'
import type { ServerState } from '../../server-state.ts'
import { expiresAtOnce } from './expiry.ts'

const BUSY = 'BUSYKEY Target key name already exists.'
const BAD_PAYLOAD = 'ERR DUMP payload version or checksum are wrong'
const BAD_FORMAT = 'ERR Bad data format'

function dump(call: Call): Reply {
  const entry = call.entry(call.argv[1]!)
  if (entry === undefined) return null
  return encodeDump(entry.value.rdb(), { limits: packingLimits(call.server.settings.limits) }) ?? null
}

type RestoreOptions = {
  readonly replaces: boolean
  readonly isAbsolute: boolean
  readonly idleSeconds: number | undefined
  readonly frequency: number | undefined
}

function restoreOptions(words: readonly ByteString[]): RestoreOptions {
  let replaces = false
  let isAbsolute = false
  let idleSeconds: number | undefined
  let frequency: number | undefined
  for (let i = 0; i < words.length; i++) {
    const name = word(words[i]!)
    const value = words[i + 1]
    if (name === 'REPLACE') replaces = true
    else if (name === 'ABSTTL') isAbsolute = true
    else if (name === 'IDLETIME' && value !== undefined && frequency === undefined) {
      idleSeconds = integerArgument(value)
      if (idleSeconds < 0) throw new Refusal('ERR Invalid IDLETIME value, must be >= 0')
      i++
    } else if (name === 'FREQ' && value !== undefined && idleSeconds === undefined) {
      frequency = integerArgument(value)
      if (frequency < 0 || frequency > 255)
        throw new Refusal('ERR Invalid FREQ value, must be >= 0 and <= 255')
      i++
    } else throw new Refusal(SYNTAX)
  }
  return { replaces, isAbsolute, idleSeconds, frequency }
}

function restore(call: Call): Reply {
  const [name, key, ttlText, payload, ...words] = call.argv as [
    ByteString,
    ByteString,
    ByteString,
    ByteString,
    ...ByteString[],
  ]
  const options = restoreOptions(words)
  if (!options.replaces && call.entryForWrite(key) !== undefined) throw new Refusal(BUSY)
  const ttl = bigintArgument(ttlText)
  if (ttl < 0n) throw new Refusal('ERR Invalid TTL value, must be >= 0')
  const value = restoredValue(toBytes(payload), call.server)
  // What leaves 64 bits has long passed, as in C.
  const at = options.isAbsolute ? ttl : BigInt.asIntN(64, ttl + BigInt(call.now))
  const expireAt = ttl === 0n ? undefined : Number(at)
  const replaced = options.replaces && call.remove(key)
  if (expireAt !== undefined && expiresAtOnce(call, expireAt)) {
    if (replaced) {
      call.propagate(['DEL' as ByteString, key])
      call.notify('g', 'del', key)
    }
    return OK
  }
  const entry = call.add(key, value)
  if (expireAt !== undefined) call.db.expire(entry, expireAt)
  if (options.idleSeconds !== undefined) entry.usedAt = Math.floor(call.now / 1000) - options.idleSeconds
  if (options.frequency !== undefined) entry.frequency = options.frequency
  call.modified(key)
  call.notify('g', 'restore', key)
  if (expireAt !== undefined) call.propagate(absolute(name, key, at, payload, words, options.isAbsolute))
  return OK
}

/** A relative deadline is propagated as an absolute one. */
function absolute(
  name: ByteString,
  key: ByteString,
  at: bigint,
  payload: ByteString,
  words: readonly ByteString[],
  isAbsolute: boolean,
): ByteString[] {
  const argv = [name, key, String(at) as ByteString, payload, ...words]
  return isAbsolute ? argv : [...argv, 'ABSTTL' as ByteString]
}

function restoredValue(payload: Buffer, { settings, skipsChecksums, surroundings }: ServerState): Value {
  const footer = dumpFooter(payload)
  if (footer === undefined || footer.version > RDB_VERSION_MAX) throw new Refusal(BAD_PAYLOAD)
  if (footer.checksum !== 'good' && !skipsChecksums) throw new Refusal(BAD_PAYLOAD)
  // Attributes of a key do not belong here, nor what later versions brought.
  if (payload[0]! > TYPE.STREAM_LISTPACKS_2) throw new Refusal(BAD_FORMAT)
  const builder = new ValueBuilder(settings.limits)
  let value: Value | undefined
  let problem: string | undefined
  let rdbType = 0
  try {
    decodeDump(payload, {
      detail: 'elements',
      maxValueBytes: BYTE_STRING_MAX,
      onEvent: (event) => {
        if (event.kind === 'key') {
          rdbType = event.rdbType
          builder.begin(event)
        } else if (event.kind === 'key-end') value = builder.end()
        else builder.element(event as RdbElement)
      },
      onFault: (fault) => {
        problem = damageOf(fault)
      },
    })
  } catch (error) {
    if (error instanceof Damaged) problem = contradictionOf(error, rdbType)
    else if (error instanceof Unloadable) problem = `it holds ${error.message}`
    else throw error
  }
  if (problem === undefined && value !== undefined) return value
  problem ??= contradictionOf(new Damaged('it is empty'), rdbType)
  surroundings.log('verbose', `Internal error in RDB reading offset 0 -> ${problem}`)
  throw new Refusal(BAD_FORMAT)
}

export const dumpCommands = defineCommands({
  dump: { arity: 2, flags: ['readonly'], keys: ONE_KEY, effect: 'none', run: dump },
  restore: { arity: -4, flags: ['write', 'denyoom'], keys: ONE_KEY, effect: 'same', run: restore },
  'restore-asking': {
    arity: -4,
    flags: ['write', 'denyoom', 'asking'],
    keys: ONE_KEY,
    effect: 'same',
    run: restore,
  },
})
