/**
 * What a replica that we play does: it connects, introduces itself, asks, takes the snapshot, acknowledges.
 */
import { fromText } from '../bytes/byte-string.ts'
import { encodeCommand } from '../codec/resp/encode.ts'
import { dialPlayed } from '../io/played-connection.ts'
import type { ReplEvent } from '../replication/events.ts'
import type { Written } from './journal.ts'
import type { Fields } from './message.ts'
import { offsetOf } from './play-link.ts'
import { Missing, type Peer, type Stage } from './stage.ts'
import type { IdExpr, Step } from './step.ts'

type Of<K extends Step['do']> = Extract<Step, { do: K }>

const REPLY_MS = 4000
/** A master that must first save to disk, or wait for its cron, needs longer. */
const RESYNC_MS = 8000
const BGSAVE_MS = 3000
const NOTICE_MS = 500

export async function connect(stage: Stage, { peer: name, at }: Of<'connect'>): Promise<void> {
  const { port, host } = stage.instance(at)
  const lane = stage.laneFor(name)
  const connection = await dialPlayed(port, host, (event) => heard(stage, name, lane, event))
  stage.enter(name, 'replica', lane, connection)
}

/** What follows from an event for the peer that we play. */
function heard(stage: Stage, name: string, lane: string, event: ReplEvent): void {
  const peer = stage.peers.get(name)
  if (peer !== undefined && peer.lane === lane) {
    if (event.kind === 'resync') {
      peer.replid = event.replid ?? peer.replid
      peer.isFlowing = event.mode === 'partial'
    } else if (event.kind === 'snapshot-begin') peer.framing = event.framing
    else if (event.kind === 'snapshot-end') peer.isFlowing = peer.framing === 'length'
  }
  stage.journal.event(lane, event, peer === undefined ? {} : spelling(peer, event))
}

/** Events do not tell in which letters a master pings: servers differ in that. */
function spelling({ connection }: Peer, event: ReplEvent): Fields {
  if (event.kind !== 'ping' && event.kind !== 'getack') return {}
  const words = connection.said(event.from, event.to)?.toString('latin1').split('\r\n')
  return words === undefined ? {} : { argv: words.filter((_, i) => i > 0 && i % 2 === 0) }
}

export async function say(stage: Stage, { peer: name, commands, replies }: Of<'say'>): Promise<void> {
  const peer = stage.peer(name)
  for (const line of commands) {
    peer.connection.send(encodeCommand(stage.words(line)))
    if (replies > 0) await answered(stage, peer)
    else expectNothing(stage, peer)
  }
}

export async function raw(stage: Stage, { peer: name, text, replies }: Of<'raw'>): Promise<void> {
  const peer = stage.peer(name)
  peer.connection.send(Buffer.from(text, 'latin1'))
  if (replies > 0) await answered(stage, peer)
  else expectNothing(stage, peer)
}

/** Nobody waits for a reply to what was said last; should one come, it stands where it came. */
function expectNothing(stage: Stage, peer: Peer): void {
  const request = stage.journal.lane(peer.lane).findLast(({ kind }) => kind === 'request')
  if (request !== undefined && !isSync(request)) request.isAnswered = true
}

/** What is answered by FULLRESYNC or CONTINUE, sooner or later. */
function isSync({ fields }: Written): boolean {
  return Array.isArray(fields.argv) && /^p?sync$/i.test(String(fields.argv[0]))
}

/** All that was asked has its reply, or the connection is gone. @throws Missing */
async function answered(stage: Stage, peer: Peer, within = REPLY_MS): Promise<void> {
  const isDone = () =>
    peer.connection.isClosed ||
    !stage.journal.lane(peer.lane).some(({ kind, isAnswered }) => kind === 'request' && !isAnswered)
  await stage.journal.until(isDone, within)
  if (!isDone()) throw new Missing(`${peer.lane}: no reply within ${within} ms`)
}

export async function psync(stage: Stage, { peer: name, id, offset, more }: Of<'psync'>): Promise<void> {
  const peer = stage.peer(name)
  const words = ['PSYNC', await idOf(stage, peer, id), String(await offsetOf(stage, peer, offset)), ...more]
  peer.connection.send(encodeCommand(words.map(fromText)))
  await answered(stage, peer, RESYNC_MS)
}

async function idOf(stage: Stage, peer: Peer, id: IdExpr): Promise<string> {
  if (typeof id === 'object') return id.text
  if (id === '?') return '?'
  if (id === 'learned') return peer.replid ?? '?'
  if (id === 'upper') return (peer.replid ?? '?').toUpperCase()
  const info = (await stage.instance('subject').info('replication')) ?? {}
  return info[id === 'current' ? 'master_replid' : 'master_replid2'] ?? '?'
}

/** @throws Missing */
export async function snapshot(stage: Stage, { peer: name, within }: Of<'snapshot'>): Promise<void> {
  const peer = stage.peer(name)
  const isDone = () =>
    peer.connection.isClosed || stage.journal.lane(peer.lane).some(({ kind }) => kind === 'snapshot-end')
  await stage.journal.until(isDone, within)
  if (!isDone()) throw new Missing(`${peer.lane}: no whole snapshot within ${within} ms`)
}

/**
 * An ACK. The first one after a diskless snapshot starts the stream, but only where the master has noticed
 * that its snapshot is done: before, it is an ACK like any other.
 */
export async function acknowledge(stage: Stage, step: Of<'acknowledge'>): Promise<void> {
  const peer = stage.peer(step.peer)
  const server = stage.instance('subject')
  if (step.first)
    await stage.journal.poll(
      async () => (await server.info('persistence'))?.rdb_bgsave_in_progress === '0',
      BGSAVE_MS,
    )
  const offset = await offsetOf(stage, peer, step.offset)
  peer.connection.send(encodeCommand(['REPLCONF', 'ACK', String(offset)].map(fromText)))
  const ack = stage.journal.lane(peer.lane).findLast(({ kind }) => kind === 'ack')
  if (ack !== undefined) ack.awaited = true
  peer.isFlowing = peer.framing !== undefined || peer.isFlowing
  await stage.journal.poll(async () => {
    const info = (await server.info('replication')) ?? {}
    return Object.entries(info).some(
      ([field, value]) => /^slave\d/.test(field) && value.includes(`offset=${offset},`),
    )
  }, NOTICE_MS)
}
