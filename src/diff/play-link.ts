/**
 * What both sides of a played link do alike: hear something, cut the connection, stop reading.
 */
import type { Written } from './journal.ts'
import { Missing, type Peer, type Stage } from './stage.ts'
import type { Heard, OffsetExpr, Step } from './step.ts'

type Of<K extends Step['do']> = Extract<Step, { do: K }>

/** How long a server may take to notice that a connection is gone. */
const NOTICE_MS = 1000
const APPLY_MS = 4000

/** @throws Missing */
export async function hear(stage: Stage, { peer: name, what, within }: Of<'hear'>): Promise<void> {
  const peer = stage.peer(name)
  const least = what.kind === 'ack' ? await offsetOf(stage, peer, what.offset) : 0
  const found = await stage.journal.until(() => find(stage, peer, what, least), within)
  if (found === undefined) throw new Missing(`${peer.lane}: no ${textOf(what, least)} within ${within} ms`)
  found.awaited = true
  found.step = stage.journal.step
  // The ACK of each second may have crossed the question: then the question is still to be read.
  const asked = peer.connection.conversation.offset
  if (what.kind === 'ack' && what.isAnswer === true && asked !== undefined) await reach(stage, asked)
}

/** Until a replica has read so far, as INFO says. @returns how far it says it is, if it takes too long */
export async function reach(stage: Stage, target: number): Promise<string | undefined> {
  let stands = 'nothing'
  const isThere = await stage.journal.poll(async () => {
    stands = (await stage.instance('subject').info('replication'))?.slave_repl_offset ?? stands
    return Number(stands) >= target
  }, APPLY_MS)
  return isThere === undefined ? stands : undefined
}

function find(stage: Stage, peer: Peer, what: Heard, least: number): Written | undefined {
  const lane = stage.journal.lane(peer.lane)
  let from = lane.findLastIndex(({ kind, awaited }) => awaited && kind === what.kind) + 1
  // What answers us comes after what we said.
  if (what.kind === 'ack' && what.isAnswer === true)
    from = Math.max(from, lane.findLastIndex(({ kind }) => kind === 'getack') + 1)
  return lane.slice(from).find((written) => !written.awaited && matches(written, what, least))
}

function matches({ kind, fields }: Written, what: Heard, least: number): boolean {
  if (kind !== what.kind) return false
  if (what.kind === 'ack') return Number(fields.offset) >= least
  if (what.kind !== 'command' && what.kind !== 'request') return true
  const { argv } = fields
  const name = Array.isArray(argv) ? String(argv[0]) : ''
  return name.toUpperCase() === what.name.toUpperCase()
}

function textOf(what: Heard, least: number): string {
  if (what.kind === 'ack') return `ACK of ${least} or more`
  return what.kind === 'command' || what.kind === 'request' ? `${what.kind} ${what.name}` : what.kind
}

/** An offset as a number. */
export async function offsetOf(stage: Stage, peer: Peer, expr: OffsetExpr): Promise<number> {
  // 1 is the first byte of what the scenario sees, also of a server with a past.
  if (typeof expr === 'number') {
    const isOwn = expr > 0 && stage.scenario.role === 'master'
    return isOwn ? expr + stage.instance('subject').base : expr
  }
  const { of, plus } = expr
  if (of === 'seen') return (peer.connection.conversation.offset ?? peer.offset ?? 0) + plus
  const info = (await stage.instance('subject').info('replication')) ?? {}
  const field = {
    master: 'master_repl_offset',
    'first-byte': 'repl_backlog_first_byte_offset',
    second: 'second_repl_offset',
  }[of]
  return Number(info[field]) + plus
}

/** Where we play the replica, the server has noticed when this returns. */
export async function cut(stage: Stage, { peer: name, how }: Of<'cut'>): Promise<void> {
  const peer = stage.peer(name)
  const server = stage.instances.get('subject')
  const count = async () => {
    const info = await server?.info()
    return info === undefined ? undefined : Number(info.connected_clients) + Number(info.connected_slaves)
  }
  const before = peer.side === 'replica' ? await count() : undefined
  peer.offset = peer.connection.conversation.offset ?? peer.offset
  peer.connection.cut(how)
  if (how === 'half' || before === undefined) return
  await stage.journal.poll(async () => ((await count()) ?? 0) < before, NOTICE_MS)
}

export function stall(stage: Stage, { peer: name, isStalled }: Of<'stall'>): void {
  const peer = stage.peer(name)
  peer.isStalled = isStalled
  if (isStalled) peer.connection.pause()
  else peer.connection.resume()
}
