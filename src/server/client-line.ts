/**
 * A client as CLIENT LIST shows it: one line of fields.
 *
 *   id=3 addr=127.0.0.1:53474 laddr=127.0.0.1:6379 fd=-1 name= age=1 idle=0 flags=N db=0 sub=0 …
 *
 * Fields about buffers that do not exist here are 0 (argv-mem, rbs, rbp, qbuf-free); there is no file
 * descriptor to show.
 *
 * Source: redis 7.0 `src/networking.c`, catClientInfoString.
 */
import type { Session } from './session.ts'

const MICROS = 1_000_000
/** What a session takes by itself, about. */
const SESSION_BYTES = 1500
const NOTHING = { blocks: 0, bytes: 0 }

export type ClientType = 'normal' | 'master' | 'replica' | 'pubsub'

/** The type as CLIENT LIST TYPE and CLIENT KILL TYPE mean it. */
export function clientType(session: Session): ClientType {
  if (session.isMaster) return 'master'
  if (session.replica?.isAttached && !session.isMonitor) return 'replica'
  return session.isSubscribed ? 'pubsub' : 'normal'
}

/** Its address as Redis writes it: `127.0.0.1:52100`, `/tmp/redis.sock:0`. */
export function clientAddress(session: Session): string {
  return shown(session.peer.remote)
}

export function localAddress(session: Session): string {
  return shown(session.peer.local)
}

function shown(address: string): string {
  return address.startsWith('unix:') ? `${address.slice('unix:'.length)}:0` : address
}

function flagsOf(session: Session): string {
  const { tracking } = session
  const flags: readonly (readonly [string, boolean | undefined])[] = [
    ['O', session.isMonitor],
    ['M', session.isMaster],
    ['S', session.replica?.isAttached && !session.isMonitor],
    ['P', session.isSubscribed],
    ['x', session.transaction !== undefined],
    ['b', session.isBlocked || session.held !== undefined],
    ['t', tracking !== undefined],
    ['R', tracking?.isRedirectBroken],
    ['B', tracking?.isBroadcast],
    ['d', session.watchFailed],
    ['U', session.peer.remote.startsWith('unix:')],
    ['e', session.isSpared],
  ]
  const letters = flags.map(([letter, isSet]) => (isSet ? letter : '')).join('')
  return letters === '' ? 'N' : letters
}

/** The line, without a newline. */
export function clientLine(session: Session): string {
  const { server, subscriptions, transaction, peer } = session
  const now = server.clock.now()
  const queued = transaction?.queue ?? []
  const { unreadBytes } = session
  const { blocks, bytes: waiting } = outputOf(session)
  const fields: readonly (readonly [string, string | number])[] = [
    ['id', session.id],
    ['addr', clientAddress(session)],
    ['laddr', localAddress(session)],
    ['fd', -1],
    ['name', session.name],
    ['age', Math.floor((now - session.createdAt) / MICROS)],
    ['idle', Math.floor((now - session.lastActiveAt) / MICROS)],
    ['flags', flagsOf(session)],
    ['db', session.db.index],
    ['sub', subscriptions?.channels.size ?? 0],
    ['psub', subscriptions?.patterns.size ?? 0],
    ['ssub', subscriptions?.shardChannels.size ?? 0],
    ['multi', transaction === undefined ? -1 : queued.length],
    ['qbuf', unreadBytes],
    ['qbuf-free', 0],
    ['argv-mem', 0],
    ['multi-mem', queuedBytes(session)],
    ['rbs', 0],
    ['rbp', 0],
    ['obl', 0],
    ['oll', blocks],
    ['omem', waiting],
    ['tot-mem', clientBytes(session)],
    ['events', peer.waitingBytes === 0 ? 'r' : 'rw'],
    ['cmd', session.lastCommand === '' ? 'NULL' : session.lastCommand],
    ['user', session.isMaster ? '(superuser)' : 'default'],
    ['redir', session.tracking?.redirect ?? -1],
    ['resp', session.resp],
  ]
  return fields.map(([name, value]) => `${name}=${value}`).join(' ')
}

/** The memory a client takes, about. */
export function clientBytes(session: Session): number {
  return SESSION_BYTES + session.unreadBytes + queuedBytes(session) + outputOf(session).bytes
}

/** What waits for a client: in its connection, and of the replication stream all that is kept for it. */
export function outputOf({ peer, replica }: Session): { readonly blocks: number; readonly bytes: number } {
  const { waitingBytes } = peer
  const { blocks, bytes } = replica?.kept ?? NOTHING
  return { blocks: blocks + (waitingBytes === 0 ? 0 : 1), bytes: bytes + waitingBytes }
}

function queuedBytes({ transaction }: Session): number {
  return (transaction?.queue ?? []).reduce((sum, { argv }) => sum + bytesOf(argv), 0)
}

/** Bytes of the words of a request. */
export function bytesOf(argv: readonly string[]): number {
  let sum = 0
  for (const { length } of argv) sum += length
  return sum
}
