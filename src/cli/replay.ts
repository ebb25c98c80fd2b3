/** `syncscope replay`: one side of a recorded session, played to a live peer; or its data, applied. */
import { parseAddress } from '../io/address.ts'
import { openReplayServer } from '../io/replay-server.ts'
import { systemNow } from '../io/system-clock.ts'
import { brokenSnapshot, type Chapter, chaptersOf } from '../replay/chapters.ts'
import { type RecordedLink, RecordingIndex } from '../replay/recording-index.ts'
import { Score } from '../replay/score.ts'
import { LinkBook } from '../replication/link-book.ts'
import { count, counted, isoTime } from '../sink/units.ts'
import { UsageError } from '../usage-error.ts'
import { readCaptures } from './capture-reading.ts'
import { untilInterrupted } from './interrupt.ts'
import { ReplayView } from './replay-view.ts'
import { type SessionArguments, sessionOptions } from './session-options.ts'
import { SessionOutput } from './session-output.ts'
import { VERSION } from './version.ts'

const TICK_MS = 100
/** Links that are named where one has to be chosen. */
const LINKS_SHOWN = 10

export type ReplayArguments = SessionArguments & {
  readonly file: string
  readonly as?: string | undefined
  readonly listen?: string | undefined
  readonly to?: string | undefined
  readonly apply?: string | undefined
  readonly link?: number | undefined
  readonly speed: string
  readonly force: boolean
}

/** What of a recording is played. */
export type Recording = {
  readonly path: string
  readonly link: RecordedLink
  /** Whole chapters; none where the link has no full sync that is whole. */
  readonly chapters: readonly Chapter[]
  readonly conns: number
}

/** @returns the exit status @throws UsageError */
export async function runReplay(args: ReplayArguments): Promise<number> {
  const job = jobOf(args)
  const output = new SessionOutput(sessionOptions(args))
  return job(args, output)
}

type Job = (args: ReplayArguments, output: SessionOutput) => Promise<number>

/** @throws UsageError where the options do not name one thing to do */
function jobOf({ as, listen, to, apply, force, file }: ReplayArguments): Job {
  if (file === '-' || file === '/dev/stdin')
    throw new UsageError('replay reads its file twice: give it a name')
  if (apply !== undefined) {
    if (as !== undefined) throw new UsageError('--apply and --as exclude each other')
    return async (args, output) => (await import('./replay-apply.ts')).runApply(args, apply, output)
  }
  if (force) throw new UsageError('--force goes with --apply')
  if (as === 'master') {
    if (to !== undefined) throw new UsageError('--to goes with --as replica; a master listens: --listen')
    return (args, output) => playMaster(args, listen ?? ':6380', output)
  }
  if (as === 'replica') {
    if (listen !== undefined) throw new UsageError('--listen goes with --as master')
    if (to === undefined) throw new UsageError('--as replica needs --to ADDR: the master to connect to')
    return async (args, output) => (await import('./replay-replica.ts')).playReplica(args, to, output)
  }
  throw new UsageError('replay needs one of --as master, --as replica, --apply ADDR')
}

async function playMaster(args: ReplayArguments, listenText: string, output: SessionOutput): Promise<number> {
  const options = sessionOptions(args)
  const listen = parseAddress(listenText, '--listen')
  const speed = speedOf(args.speed)
  const recording = await readRecording(args, output)
  needSnapshot(recording)
  const { link, chapters, path } = recording
  const notice = (line: string) => output.notice(`syncscope: ${line}`)
  const view = new ReplayView(options, output.event, 'replica', recording.conns)
  const server = await openReplayServer({
    path,
    listen,
    speed,
    notice,
    score: new Score(chapters),
    isWanted: (conn) => link.conns.has(conn),
    now: systemNow,
    converse: (replica, master, at) => view.live.open(replica, master, at),
    view: (from) => {
      const piece = view.recorded(from)
      return { piece }
    },
  })
  output.notice(`syncscope ${VERSION}  listening on ${server.address}, playing ${summaryOf(recording)}`)
  output.notice('the recorded replica is shown as #1, live ones as #2 and on')
  const ticking = setInterval(() => view.live.tick(systemNow()), TICK_MS)
  await untilInterrupted()
  clearInterval(ticking)
  await server.close()
  view.live.tick(Number.POSITIVE_INFINITY)
  await output.end()
  return 0
}

/** Reads the recording once, and chooses the link. @throws UsageError */
export async function readRecording(args: ReplayArguments, output: SessionOutput): Promise<Recording> {
  const index = new RecordingIndex()
  const book = new LinkBook({ emit: index.event, snapshot: 'sizes', commands: 'counted' })
  await readCaptures([args.file], {
    book,
    reader: { notice: output.notice, progress: output.progress, room: () => undefined, isClosed: false },
  })
  const link = chosen([...index.links.values()], args)
  const conns = Math.max(0, ...[...index.links.values()].flatMap((each) => [...each.conns]))
  return { path: args.file, link, chapters: chaptersOf(link), conns }
}

/** @throws UsageError where none, or more than one, could be meant */
function chosen(links: readonly RecordedLink[], { link: number, file }: ReplayArguments): RecordedLink {
  const replicas = links.filter((link) => link.syncs.length > 0)
  if (number !== undefined) {
    const link = links.find((each) => each.number === number)
    if (link === undefined)
      throw new UsageError(`--link ${number}: there is no such link; there are ${links.length}`)
    return link
  }
  const whole = replicas.filter((link) => chaptersOf(link).length > 0)
  const candidates = whole.length > 0 ? whole : replicas
  if (candidates.length === 0)
    throw new UsageError(`${file} holds no replication link that begins with a sync`)
  if (candidates.length === 1) return candidates[0]!
  const names = candidates.slice(0, LINKS_SHOWN).map((link) => `${link.number} (${link.replica})`)
  const more = candidates.length > LINKS_SHOWN ? ', …' : ''
  throw new UsageError(
    `${file} holds ${candidates.length} links: choose one with --link: ${names.join(', ')}${more}`,
  )
}

/** @throws UsageError where there is no snapshot to begin with */
export function needSnapshot({ link, chapters, path }: Recording): void {
  if (chapters.length > 0) return
  const broken = brokenSnapshot(link)
  const name = `link ${link.number} of ${path}`
  if (broken?.hole !== undefined) {
    const { missing, position } = broken.hole
    const what = `${count(missing)} bytes of the snapshot are missing, from master byte ${count(position)} on`
    throw new UsageError(`${name}: ${what}: it cannot be played`)
  }
  if (broken !== undefined) throw new UsageError(`${name}: the recording ends before the snapshot does`)
  throw new UsageError(`${name} has no full sync: there is no snapshot to begin with`)
}

/** `link 1 of s.pcapng: 2 full syncs, 1,234 bytes of stream, recorded 2026-…`. */
export function summaryOf({ link, chapters, path }: Recording): string {
  const stream = chapters.reduce((sum, { from, to }) => sum + to - from, 0)
  const when = isoTime(link.at).slice(0, 19)
  const what = `${counted(chapters.length, 'full sync')}, ${counted(stream, 'byte')} of stream`
  return `link ${link.number} of ${path}: ${what}, recorded ${when}Z`
}

/** @throws UsageError */
export function speedOf(text: string): number {
  if (text.toLowerCase() === 'max') return Number.POSITIVE_INFINITY
  const speed = Number(text)
  if (!(speed > 0) || !Number.isFinite(speed))
    throw new UsageError(`--speed: "${text}" is neither a number above 0 nor max`)
  return speed
}
