/**
 * A client as CLIENT LIST shows it: one line of fields.
 *
 *   id=3 addr=127.0.0.1:53474 laddr=127.0.0.1:6379 fd=-1 name= age=1 idle=0 flags=N db=0 sub=0 …
 *
 * Fields about buffers tell what Redis's would be (client-buffers.ts); there is no file descriptor to show.
 *
 * Source: redis 7.0 `src/networking.c`, catClientInfoString.
 */
import { outputOf, queuedBytes } from './client-memory.ts'
import type { Session } from './session.ts'

const MICROS = 1_000_000

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
  const { unreadBytes, buffers } = session
  const output = outputOf(session)
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
    ['qbuf-free', Math.max(0, buffers.queryRoom - unreadBytes)],
    ['argv-mem', session.argvBytes],
    ['multi-mem', queuedBytes(session)],
    ['rbs', buffers.replyRoom],
    ['rbp', buffers.replyPeak],
    ['obl', session.replica?.isAttached ? 0 : peer.waitingBytes - output.bytes],
    ['oll', output.blocks],
    ['omem', output.bytes],
    ['tot-mem', server.clientMemory.of(session)],
    ['events', peer.waitingBytes === 0 ? 'r' : 'rw'],
    ['cmd', session.lastCommand === '' ? 'NULL' : session.lastCommand],
    ['user', session.isMaster ? '(superuser)' : 'default'],
    ['redir', session.tracking?.redirect ?? -1],
    ['resp', session.resp],
  ]
  return fields.map(([name, value]) => `${name}=${value}`).join(' ')
}
