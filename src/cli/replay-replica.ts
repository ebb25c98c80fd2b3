/** `syncscope replay --as replica`: the recorded replica side, played to a live master. */
import { addressText, parseAddress } from '../io/address.ts'
import { playToMaster, type ReplayEnd } from '../io/replay-client.ts'
import { systemNow } from '../io/system-clock.ts'
import { ReplicaPlayer } from '../replay/replica-player.ts'
import { UsageError } from '../usage-error.ts'
import { untilInterrupted } from './interrupt.ts'
import { type ReplayArguments, readRecording, speedOf, summaryOf } from './replay.ts'
import { ReplayView } from './replay-view.ts'
import { sessionOptions } from './session-options.ts'
import type { SessionOutput } from './session-output.ts'
import { VERSION } from './version.ts'

const EXIT_FOUND = 1

/** @returns the exit status: 1 where the master ended it @throws UsageError */
export async function playReplica(
  args: ReplayArguments,
  toText: string,
  output: SessionOutput,
): Promise<number> {
  const to = parseAddress(toText, '--to')
  const speed = speedOf(args.speed)
  const recording = await readRecording(args, output)
  const { link, path } = recording
  if (link.syncs.length === 0)
    throw new UsageError(`link ${link.number} of ${path} asks for no sync: there is no replica to play`)
  const view = new ReplayView(sessionOptions(args), output.event, 'master', recording.conns)
  const login = to.kind === 'tcp' ? to.login : undefined
  const player = new ReplicaPlayer(login?.password === '' ? undefined : login)
  let isStopped = false
  void untilInterrupted().then(() => {
    isStopped = true
  })
  const end = await playToMaster({
    path,
    to,
    speed,
    player,
    isWanted: (conn) => link.conns.has(conn),
    now: systemNow,
    converse: (replica, master, at, tap) => view.live.open(replica, master, at, 'handshake', tap),
    view: (tap) => ({ piece: view.recorded(0, tap) }),
    onReached: () => {
      const what = `playing the replica of ${summaryOf(recording)} to ${addressText(to)}`
      output.notice(`syncscope ${VERSION}  ${what}`)
      output.notice('the recorded master is shown as #1, the live one as #2')
    },
    isStopped: () => isStopped,
  }).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`--to: cannot reach ${addressText(to)}: ${error.message}`, { cause: error })
  })
  view.live.tick(Number.POSITIVE_INFINITY)
  if (player.lacksPassword) {
    const how = '--to redis://user:password@host:port gives one'
    output.notice(`syncscope: the recorded password was blanked, so none was sent: ${how}`)
  }
  const told = TOLD[end]
  if (told !== undefined) output.notice(`syncscope: ${told}${player.refusal ? `: ${player.refusal}` : ''}`)
  await output.end()
  return end === 'played' || end === 'stopped' ? 0 : EXIT_FOUND
}

const TOLD: Readonly<Partial<Record<ReplayEnd, string>>> = {
  played: 'played to the end',
  closed: 'the master closed the connection',
  silent: 'the master says nothing any longer',
  refused: 'the master refused to sync',
}
