/**
 * What clients and the observer do in a scenario: commands and their replies, waiting, looking, restarting.
 *
 * Behind each command of a client all that it wrote is awaited at the replicas that follow (settled): so the
 * next step finds everybody where they are bound to be, and no step depends on how fast anything is.
 */
import { type ByteString, fromText } from '../bytes/byte-string.ts'
import type { MaybeLong } from '../bytes/long-bytes.ts'
import { KeptCommand } from '../codec/resp/command.ts'
import type { RespValue } from '../codec/resp/values.ts'
import type { SubjectClient } from '../io/subject-client.ts'
import { Secrets } from '../replication/secrets.ts'
import { bytesJson } from '../sink/json-bytes.ts'
import { valueJson } from '../sink/json-event.ts'
import { readDataset } from './dataset.ts'
import type { Fields } from './message.ts'
import { Missing, type Stage } from './stage.ts'
import type { Looked, Step } from './step.ts'

type Of<K extends Step['do']> = Extract<Step, { do: K }>

/** How long those who follow may take for what was written. */
const SETTLE_MS = 4000

/** Counters of INFO that tell of replication. */
const STATS = ['sync_full', 'sync_partial_ok', 'sync_partial_err', 'expired_keys', 'evicted_keys']

const secrets = new Secrets()

export async function ask(stage: Stage, { client: name, commands, at }: Of<'ask'>): Promise<void> {
  for (const line of commands) {
    const client = await stage.client(name, at)
    said(stage, client, name, line)
    heard(stage, name, line, await stage.replyOf(client))
    await settle(stage, at)
  }
}

export async function send(stage: Stage, { client: name, command, at }: Of<'send'>): Promise<void> {
  said(stage, await stage.client(name, at), name, command)
  // A command that blocks is known to do so only when the server has read it.
  await stage.journal.pause(BLOCK_MS)
}

const BLOCK_MS = 60

export async function reply(stage: Stage, { client: name, within }: Of<'reply'>): Promise<void> {
  heard(stage, name, '', await stage.replyOf(await stage.client(name, 'subject'), within))
}

function said(stage: Stage, client: SubjectClient, name: string, line: string): void {
  const words = stage.words(line)
  const shown = secrets.redact(new KeptCommand(words)).argv()
  stage.journal.write(name, 'client', 'request', {
    argv: shown.map((value) => bytesJson(shortened(value))),
  })
  client.send(words)
}

/** What we say ourselves need not be held whole. */
function shortened(value: MaybeLong): MaybeLong {
  if (typeof value !== 'string' || value.length <= SHOWN_MAX) return value
  return { bytes: value.length, preview: value.slice(0, PREVIEW) as ByteString, sha256: undefined }
}

const SHOWN_MAX = 4096
const PREVIEW = 32

function heard(stage: Stage, name: string, line: string, value: RespValue | undefined): void {
  const fields: Fields =
    value === undefined
      ? { closed: true }
      : {
          reply: valueJson(
            secrets.redactReply(value, new KeptCommand(line === '' ? [fromText('?')] : stage.words(line))),
          ),
          type: value.type,
        }
  stage.journal.write(name, 'server', value === undefined ? 'closed' : 'reply', fields)
}

export async function until(stage: Stage, { field, is, within, at }: Of<'until'>): Promise<void> {
  const matches = is.startsWith('/') ? new RegExp(is.slice(1, -1)) : undefined
  let last: string | undefined
  const reached = await stage.journal.poll(async () => {
    last = (await stage.instance(at).info())?.[field]
    return last !== undefined && (matches?.test(last) ?? last === is)
  }, within)
  if (reached === undefined)
    throw new Missing(`${field} is ${last ?? 'unknown'} after ${within} ms, not ${is}`)
  stage.journal.write(`info of ${at}`, 'observer', 'reached', { field, is })
}

/**
 * Waits until the replicas that we play, or those of a pair, have all that their master has written.
 * @param isAcknowledged whether those of a pair must have said so too, which may take their second
 */
export async function settle(stage: Stage, at: string, isAcknowledged = false): Promise<void> {
  if (stage.scenario.role === 'pair') return await settlePair(stage, isAcknowledged)
  if (![...stage.peers.values()].some(isFollowing)) return
  const info = await stage.instance(at).info('replication')
  const target = Number(info?.master_repl_offset ?? Number.NaN)
  if (!Number.isSafeInteger(target)) return
  for (const peer of stage.peers.values()) {
    if (!isFollowing(peer)) continue
    const there = () => peer.connection.isClosed || (peer.connection.conversation.offset ?? target) >= target
    await stage.journal.until(there, SETTLE_MS)
    if (!there()) {
      const stands = peer.connection.conversation.offset
      throw new Missing(`${peer.lane}: INFO says offset ${target}, the stream stands at ${stands}`)
    }
  }
}

function isFollowing(peer: Stage['peers'] extends Map<string, infer P> ? P : never): boolean {
  const { isFlowing, isStalled, connection } = peer
  return isFlowing && !isStalled && !connection.isClosed && connection.conversation.offset !== undefined
}

async function settlePair(stage: Stage, isAcknowledged: boolean): Promise<void> {
  const isSettled = async () => {
    const infos = await Promise.all([...stage.instances.values()].map((one) => one.info('replication')))
    const offsets = infos
      .filter((info) => info !== undefined && (info.role === 'master' || info.master_link_status === 'up'))
      .filter((info) => Number(info?.connected_slaves) > 0 || info?.role === 'slave')
      .map((info) => info?.slave_repl_offset ?? info?.master_repl_offset)
    const replicas = infos.flatMap((info) =>
      Object.entries(info ?? {}).flatMap(([field, value]) => (/^slave\d/.test(field) ? [value] : [])),
    )
    if (isAcknowledged && !replicas.every((line) => line.includes('state=online'))) return false
    const acks = replicas.map((line) => /offset=(\d+)/.exec(line)?.[1])
    return new Set(isAcknowledged ? [...offsets, ...acks] : offsets).size <= 1
  }
  await stage.journal.poll(isSettled, SETTLE_MS)
}

export async function look(stage: Stage, { what, at }: Of<'look'>): Promise<void> {
  for (const one of what) await LOOKS[one](stage, at)
}

const LOOKS: Readonly<Record<Looked, (stage: Stage, at: string) => Promise<void>>> = {
  info: async (stage, at) => {
    const info = await stage.instance(at).info('replication')
    stage.journal.write(`info of ${at}`, 'observer', 'info', { ...info })
  },
  stats: async (stage, at) => {
    const info = (await stage.instance(at).info()) ?? {}
    const chosen = STATS.flatMap((name) => (info[name] === undefined ? [] : [[name, info[name]] as const]))
    stage.journal.write(`info of ${at}`, 'observer', 'stats', Object.fromEntries(chosen))
  },
  role: (stage, at) => asked(stage, at, 'role', 'ROLE'),
  digest: (stage, at) => asked(stage, at, 'digest', 'DEBUG', 'DIGEST'),
  dataset: async (stage, at) => {
    const keyspace = (await stage.instance(at).info('keyspace')) ?? {}
    const databases = Object.keys(keyspace).flatMap(
      (name) => /^db(\d+)$/.exec(name)?.slice(1).map(Number) ?? [],
    )
    const client = await stage.instance(at).client()
    for await (const key of readDataset(
      client,
      databases.sort((a, b) => a - b),
      () => stage.journal.now / 1000,
    ))
      stage.journal.write(`dataset of ${at}`, 'observer', 'key', key)
    stage.journal.write(`dataset of ${at}`, 'observer', 'databases', { databases })
    client.close()
  },
}

async function asked(stage: Stage, at: string, kind: string, ...words: readonly string[]): Promise<void> {
  const client = await stage.instance(at).client()
  const value = await client.command(words.map(fromText))
  client.close()
  stage.journal.write(`info of ${at}`, 'observer', kind, {
    reply: value === undefined ? null : valueJson(value),
  })
}
