/**
 * What a master that we play does: it answers a handshake, gives a snapshot, and speaks the stream.
 */
import { fromText } from '../bytes/byte-string.ts'
import { encodeRdb } from '../codec/rdb/encode.ts'
import { encodeCommand } from '../codec/resp/encode.ts'
import type { ReplEvent } from '../replication/events.ts'
import { reach } from './play-link.ts'
import { Missing, type Peer, type Stage } from './stage.ts'
import type { Damage, Step } from './step.ts'

type Of<K extends Step['do']> = Extract<Step, { do: K }>

const MARK = '6d61726b6d61726b6d61726b6d61726b6d61726b'
/** What a played master says of itself. */
const AUX: readonly (readonly [string, string])[] = [
  ['redis-ver', '7.0.15'],
  ['redis-bits', '64'],
]

/** @throws Missing where nobody comes, or what comes does not ask what it should */
export async function accept(
  stage: Stage,
  { peer: name, upTo, answers, within }: Of<'accept'>,
): Promise<void> {
  const door = stage.doors.get(name)!
  await stage.journal.until(() => door.hasWaiting, within)
  const lane = stage.laneFor(name)
  const asked: string[][] = []
  const connection = door.take((event: ReplEvent) => {
    stage.journal.event(lane, event)
    if (event.kind !== 'request') return
    asked.push(event.command.argv().map(String))
    // Not before the bytes that hold it have been read to their end.
    if (asked.length === 1) void Promise.resolve().then(answerAll)
  })
  if (connection === undefined) throw new Missing(`${lane}: nobody connects within ${within} ms`)
  const peer = stage.enter(name, 'master', lane, connection)
  const answerAll = () => {
    for (const argv of asked.splice(0)) {
      const answer = answerTo(stage, argv, answers)
      if (answer !== '') peer.connection.send(Buffer.from(`${answer}\r\n`, 'latin1'))
    }
  }
  const isAsked = () =>
    upTo === '' || peer.connection.isClosed || stage.journal.lane(lane).some((one) => isRequest(one, upTo))
  await stage.journal.until(isAsked, within)
  if (!isAsked()) throw new Missing(`${lane}: no ${upTo} within ${within} ms`)
  // Answers to what came with it are on their way.
  await stage.journal.pause(0)
}

function isRequest(
  { kind, fields }: { kind: string; fields: Readonly<Record<string, unknown>> },
  name: string,
): boolean {
  if (kind !== 'request' || !Array.isArray(fields.argv)) return false
  return fields.argv.slice(0, name.split(' ').length).join(' ').toUpperCase() === name.toUpperCase()
}

/** What is answered: as the scenario says, or as any master would; nothing to what the scenario answers. */
function answerTo(stage: Stage, argv: readonly string[], answers: Readonly<Record<string, string>>): string {
  const said = Object.keys(answers).find((name) => isRequest({ kind: 'request', fields: { argv } }, name))
  if (said !== undefined) return answers[said]!
  const name = argv[0]!.toUpperCase()
  if (name === 'PING') return '+PONG'
  if (name === 'AUTH') return isRightLogin(stage, argv) ? '+OK' : '-WRONGPASS invalid username-password pair'
  return name === 'PSYNC' || name === 'SYNC' ? '' : '+OK'
}

function isRightLogin(stage: Stage, argv: readonly string[]): boolean {
  const { masterauth, masteruser } = stage.scenario.config
  const right = [masteruser, masterauth].filter((word) => word !== undefined).map(String)
  return argv.slice(1).join(' ') === right.join(' ')
}

/** A line; a bare newline is a heartbeat. */
export function tell(stage: Stage, { peer: name, text }: Of<'tell'>): void {
  const line = stage.resolve(text)
  stage.peer(name).connection.send(Buffer.from(line.endsWith('\n') ? line : `${line}\r\n`, 'latin1'))
}

export function give(stage: Stage, { peer: name, dataset, framing, version, damage }: Of<'give'>): void {
  const { connection } = stage.peer(name)
  const snapshot = { aux: AUX.map(([key, value]) => [key, fromText(value)] as const), ...dataset }
  const { functions, ...rest } = snapshot
  const blocks = encodeRdb(
    { ...rest, ...(functions === undefined ? {} : { functions: functions.map(fromText) }) },
    { version },
  )
  const bytes = spoilt(Buffer.concat([...blocks]), damage)
  const head = framing === 'mark' ? `$EOF:${MARK}\r\n` : `$${bytes.length}\r\n`
  connection.send(Buffer.from(head))
  if (damage !== undefined && 'cutAfter' in damage) {
    connection.send(bytes.subarray(0, damage.cutAfter))
    connection.cut('fin')
    return
  }
  connection.send(framing === 'mark' ? Buffer.concat([bytes, Buffer.from(MARK)]) : bytes)
}

function spoilt(bytes: Buffer, damage: Damage | undefined): Buffer {
  if (damage === undefined || !('flip' in damage)) return bytes
  const at = damage.flip < 0 ? bytes.length + damage.flip : damage.flip
  bytes[at] = bytes[at]! ^ 0xff
  return bytes
}

/** @throws Missing where the subject does not say that it has applied them */
export async function stream(stage: Stage, step: Of<'stream'>): Promise<void> {
  const peer = stage.peer(step.peer)
  const all = Buffer.concat(step.commands.map((line) => encodeCommand(stage.words(line))))
  const { bytes } = step
  peer.connection.send(bytes === undefined ? all : bytes < 0 ? all.subarray(-bytes) : all.subarray(0, bytes))
  if (step.isApplied) await applied(stage, peer)
}

async function applied(stage: Stage, peer: Peer): Promise<void> {
  const target = peer.connection.conversation.offset
  if (target === undefined) return
  const stands = await reach(stage, target)
  if (stands !== undefined) throw new Missing(`${peer.lane}: ${target} was streamed, INFO says ${stands}`)
}

/** Where nobody can connect any more, or can again. */
export async function door(stage: Stage, { peer: name, isOpen }: Of<'door'>): Promise<void> {
  const found = stage.doors.get(name)!
  if (isOpen) await found.open()
  else found.shut()
}
