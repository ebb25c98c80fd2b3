/**
 * DEBUG about the dataset: digests, what a value looks like inside, keys out of nothing, a snapshot there and
 * back.
 *
 * Source: redis 7.0 `src/debug.c`.
 */
import { BYTE_STRING_MAX, type ByteString } from '../../../bytes/byte-string.ts'
import { encodeDump } from '../../../codec/rdb/encode-dump.ts'
import { integerInRange } from '../../arguments.ts'
import type { Call } from '../../call.ts'
import { memoryBytes } from '../../config/kinds.ts'
import type { Database } from '../../dataset/database.ts'
import { datasetDigest, valueDigest } from '../../dataset/digest.ts'
import { type Entry, NEVER } from '../../dataset/entry.ts'
import { StringValue } from '../../dataset/string-value.ts'
import { ENCODING_LIMITS, type ValueFacts } from '../../dataset/value.ts'
import { packingLimits } from '../../persistence/packing.ts'
import { NO_SUCH_KEY, NOT_POSITIVE, OK, Refusal, type Reply, Status, Verbatim } from '../../replies.ts'
import { refcountOf } from '../keys/object.ts'

/** What DUMP puts around a value: its type, the version, the checksum. */
const DUMP_FRAME_BYTES = 1 + 2 + 8
const LRU_CLOCK_MAX = 2 ** 24 - 1
/** 4 GiB, and room for what surrounds an element. */
const PACKED_MAX = 2 ** 32 - 2 ** 20

/** @throws Refusal */
function entryOf(call: Call, key: ByteString): Entry {
  const entry = call.execution.lookup(call.db, key, 'silent')
  if (entry === undefined) throw new Refusal(NO_SUCH_KEY)
  return entry
}

/** Also where it has expired and is still there. */
function anyEntryOf(call: Call, key: ByteString): Entry {
  const entry = call.db.peek(key)
  if (entry === undefined) throw new Refusal(NO_SUCH_KEY)
  return entry
}

function encodingOf(call: Call, entry: Entry): string {
  return (entry.value as ValueFacts).encoding(call.server.settings.limits)
}

export function digest(call: Call): Reply {
  return new Status(datasetDigest(call.server.databases))
}

export function digestValue(call: Call, keys: readonly ByteString[]): Reply {
  return keys.map((key) => {
    const entry = call.db.peek(key)
    return new Status(
      entry === undefined ? '0'.repeat(40) : valueDigest(entry.value.rdb(), entry.expireAt !== NEVER),
    )
  })
}

/** There are no addresses here, and no quicklist nodes to be counted; the rest is as in Redis. */
export function object(call: Call, [key]: readonly ByteString[]): Reply {
  const entry = anyEntryOf(call, key!)
  const { limits } = call.server.settings
  const dumped = encodeDump(entry.value.rdb(), { limits: packingLimits(limits) })
  const length = dumped === undefined ? 0 : dumped.length - DUMP_FRAME_BYTES
  const lru = entry.usedAt & LRU_CLOCK_MAX
  const idle = Math.floor(call.now / 1000) - entry.usedAt
  return new Status(
    `Value at:0x0 refcount:${refcountOf(call, entry)} encoding:${encodingOf(call, entry)} ` +
      `serializedlength:${length} lru:${lru} lru_seconds_idle:${idle}`,
  )
}

export function sdsLength(call: Call, [key]: readonly ByteString[]): Reply {
  const entry = anyEntryOf(call, key!)
  const { value } = entry
  if (value.type !== 'string' || encodingOf(call, entry) === 'int') {
    throw new Refusal('ERR Not an sds encoded string.')
  }
  const lengths = [`key_sds_len:${key!.length}`, 'key_sds_avail:0', `key_zmalloc: ${key!.length}`]
  const ofValue = [`val_sds_len:${value.length}`, 'val_sds_avail:0', `val_zmalloc: ${value.length}`]
  return new Status([...lengths, ...ofValue].join(', '))
}

export function listpack(call: Call, [key]: readonly ByteString[]): Reply {
  const entry = entryOf(call, key!)
  if (encodingOf(call, entry) !== 'listpack') throw new Refusal('ERR Not a listpack encoded object.')
  return printed(call, entry, 'Listpack')
}

export function quicklist(call: Call, [key]: readonly ByteString[]): Reply {
  const entry = entryOf(call, key!)
  if (encodingOf(call, entry) !== 'quicklist') throw new Refusal('ERR Not a quicklist encoded object.')
  return printed(call, entry, 'Quicklist')
}

function printed(call: Call, entry: Entry, name: string): Reply {
  const { type, sizeBytes } = entry.value
  call.server.surroundings.log('notice', `${name} of a ${type}, about ${sizeBytes} bytes`)
  return new Status(`${name} structure printed on stdout`)
}

export function tableStatistics(call: Call, [index]: readonly ByteString[]): Reply {
  const number = integerInRange(index!, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)
  const db = call.server.databases[number]
  if (db === undefined) throw new Refusal('ERR Out of range database')
  return new Verbatim('txt', statistics(db))
}

function statistics(db: Database): string {
  return `[Dictionary HT]\n${aboutTable(db.size)}[Expires HT]\n${aboutTable(db.expiring.length)}`
}

/** Chains and slots are the engine's own; what can be said is how many elements there are. */
function aboutTable(size: number): string {
  const facts = size === 0 ? 'No stats available for empty dictionaries\n' : ` number of elements: ${size}\n`
  return `Hash table 0 stats (main hash table):\n${facts}`
}

export function valueTableStatistics(call: Call, [key]: readonly ByteString[]): Reply {
  const entry = entryOf(call, key!)
  const { value } = entry
  if (!['hashtable', 'skiplist'].includes(encodingOf(call, entry)) || !('size' in value)) {
    throw new Refusal('ERR The value stored at the specified key is not represented using an hash table')
  }
  return new Verbatim('txt', aboutTable(value.size))
}

/** Keys out of nothing, which replicas do not get. */
export function populate(call: Call, words: readonly ByteString[]): Reply {
  const [count, prefix = 'key', size] = words
  const wanted = integerInRange(count!, 0, Number.MAX_SAFE_INTEGER, NOT_POSITIVE)
  const bytes = size === undefined ? 0 : integerInRange(size, 0, BYTE_STRING_MAX, NOT_POSITIVE)
  for (let i = 0; i < wanted; i++) {
    const key = `${prefix}:${i}` as ByteString
    if (call.db.peek(key) !== undefined) continue
    const text = `value:${i}`
    const value = bytes === 0 ? text : text.slice(0, bytes).padEnd(bytes, '\0')
    call.add(key, new StringValue(value as ByteString))
    call.execution.touched(call.db, key)
  }
  return OK
}

/** From which size on an element of a list gets a node of its own. */
export function packedThreshold(call: Call, [text]: readonly ByteString[]): Reply {
  const bytes = memoryBytes(text!)
  if (bytes === undefined || bytes > PACKED_MAX) {
    throw new Refusal('ERR argument must be a memory value bigger than 1 and smaller than 4gb')
  }
  call.server.settings.limits.listPlainSize = bytes === 0 ? ENCODING_LIMITS.listPlainSize : bytes
  return OK
}
