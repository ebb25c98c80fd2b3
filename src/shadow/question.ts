/**
 * Question: what a replica is asked about some of its keys, and what it answers, with the offset at which
 * that is so.
 *
 *   SELECT 0
 *   MULTI · INFO replication · INFO keyspace · TIME
 *         · DEBUG DIGEST-VALUE a b · DUMP c · PEXPIRETIME a … · EXEC
 *
 * EXEC is one moment on the replica: its offset and what its keys hold belong together, whatever its master
 * writes meanwhile. Nothing of it writes, and nothing counts as a change.
 *
 * Sources: redis 7.0 `src/replication.c` (slave_repl_offset is that of commands processed), `src/debug.c`
 * (DIGEST-VALUE sees keys that have expired), `src/cluster.c` (DUMP does not).
 */
import type { ByteString } from '../bytes/byte-string.ts'
import { byteString, toBytes } from '../bytes/byte-string.ts'

/** A reply as a client gives it: strings as bytes. */
export type Reply = string | Buffer | number | null | Error | Reply[]
export type Words = readonly (string | Buffer)[]

/** How a key is looked at. */
export type Look = 'digest' | 'dump' | 'both'

export type Question = {
  readonly db: number
  readonly keys: readonly { readonly key: ByteString; readonly look: Look }[]
  /** Asks which keys there are, from this cursor on, instead. */
  readonly scan?: string
}

/** What the replica can be asked. */
export type Abilities = {
  /** DEBUG is allowed. */
  readonly hasDebug: boolean
  /** Its digests are those of Redis 7.0. Since 7.2 scores are printed otherwise before they are digested. */
  readonly digestsAlike: boolean
  /** PEXPIRETIME (7.0); else PTTL, which says whether, but not exactly when. */
  readonly hasExpireTime: boolean
}

export type KeyAnswer = {
  /** 40 zeros: no such key. */
  readonly digest: string | undefined
  /** Null: no such key, or it has expired; undefined: not asked. */
  readonly dump: Buffer | null | undefined
  /** Unix milliseconds, -1: does not expire, -2: no such key, or it has expired. */
  readonly expiry: number
}

export type Answer = {
  readonly role: string
  readonly replid: string
  readonly replid2: string
  /** Offset of the last command it has processed; undefined where it does not say. */
  readonly offset: number | undefined
  /** Keys of each database that has some. */
  readonly sizes: ReadonlyMap<number, number>
  /** Its clock, unix milliseconds. */
  readonly now: number
  readonly keys: readonly KeyAnswer[]
  /** Of a scan. */
  readonly cursor: string
  readonly found: readonly ByteString[]
}

/** Keys that one SCAN looks at. */
const SCAN_COUNT = '200'
const FIXED = 3

/** The commands to send, in one go. The last reply holds the answer. */
export function commandsOf({ db, keys, scan }: Question, abilities: Abilities): Words[] {
  const digests = keys.filter(({ look }) => look !== 'dump').map(({ key }) => toBytes(key))
  const expiry = abilities.hasExpireTime ? 'PEXPIRETIME' : 'PTTL'
  const dumps = keys.filter(({ look }) => look !== 'digest')
  return [
    ['SELECT', String(db)],
    ['MULTI'],
    ['INFO', 'replication'],
    ['INFO', 'keyspace'],
    ['TIME'],
    ...(scan === undefined ? [] : [['SCAN', scan, 'COUNT', SCAN_COUNT]]),
    ...(digests.length === 0 ? [] : [['DEBUG', 'DIGEST-VALUE', ...digests]]),
    ...dumps.map(({ key }) => ['DUMP', toBytes(key)]),
    ...keys.map(({ key }) => [expiry, toBytes(key)]),
    ['EXEC'],
  ]
}

/**
 * @param replies to commandsOf()
 * @returns the answer, or in words why there is none
 */
export function answerOf({ keys, scan }: Question, replies: readonly Reply[]): Answer | string {
  // Whatever is refused, be it SELECT: what EXEC answers all the same is of other keys.
  const refused = replies.find((reply) => reply instanceof Error)
  if (refused instanceof Error) return refused.message
  const last = replies.at(-1)
  if (!Array.isArray(last)) return 'no answer to EXEC'
  const failed = last.find((reply) => reply instanceof Error)
  if (failed instanceof Error) return failed.message
  const [info, keyspace, time] = last
  const fields = fieldsOf(textOf(info))
  let next = FIXED
  const scanned = scan === undefined ? undefined : last[next++]
  const hasDigests = keys.some(({ look }) => look !== 'dump')
  const digests = hasDigests ? last[next++] : undefined
  let digest = 0
  const dumps = keys.map(({ look }) => (look === 'digest' ? undefined : (last[next++] as Buffer | null)))
  const answers = keys.map(({ look }, i): KeyAnswer => {
    const text = look === 'dump' || !Array.isArray(digests) ? undefined : textOf(digests[digest++])
    return { digest: text, dump: dumps[i], expiry: Number(last[next++]) }
  })
  const [cursor, found] = Array.isArray(scanned) ? scanned : ['0', []]
  return {
    ...standing(fields),
    sizes: sizesOf(textOf(keyspace)),
    now: Array.isArray(time) ? Number(textOf(time[0])) * 1000 : 0,
    keys: answers,
    cursor: textOf(cursor),
    found: Array.isArray(found) ? found.map((key) => byteString(bytesOf(key))) : [],
  }
}

/** Where a server stands in its history, by its INFO replication. */
export function standing(
  fields: ReadonlyMap<string, string>,
): Pick<Answer, 'role' | 'replid' | 'replid2' | 'offset'> {
  const role = fields.get('role') ?? ''
  const [replid = '', replid2 = ''] = [fields.get('master_replid'), fields.get('master_replid2')]
  const own = Number(fields.get('master_repl_offset') ?? Number.NaN)
  const parted = Number(fields.get('second_repl_offset') ?? -1) - 1
  // A promoted replica is where it was, as long as it has written nothing of its own.
  const offset = role === 'slave' ? Number(fields.get('slave_repl_offset') ?? Number.NaN) : own
  const isKnown = Number.isSafeInteger(offset) && (role === 'slave' || own === parted)
  return { role, replid, replid2, offset: isKnown ? offset : undefined }
}

/** Why a server of this role does not say where it stands in the history of its link. */
export function noOffset(role: string): string {
  return role === 'slave'
    ? 'the replica does not say where in its history it stands'
    : 'the replica is a master now, and has a history of its own'
}

/** The fields of an INFO section. */
export function fieldsOf(info: string): ReadonlyMap<string, string> {
  const lines = info.split('\r\n').filter((line) => line.includes(':'))
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]))
}

function sizesOf(keyspace: string): ReadonlyMap<number, number> {
  const found = keyspace.matchAll(/^db(\d+):keys=(\d+)/gm)
  return new Map([...found].map(([, db, keys]) => [Number(db), Number(keys)]))
}

function textOf(reply: Reply | undefined): string {
  return Buffer.isBuffer(reply) ? reply.toString('latin1') : String(reply ?? '')
}

function bytesOf(reply: Reply): Buffer {
  return Buffer.isBuffer(reply) ? reply : Buffer.from(String(reply), 'latin1')
}
