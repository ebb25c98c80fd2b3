/**
 * `syncscope decode FILE --verify --against ADDR`: is what a replica holds what the capture makes of it?
 *
 * The replica must stand at an offset that the capture holds: one that is stopped (its master gone, or
 * REPLICAOF to nowhere), or a live one beside a pipe from tcpdump. One pass over all keys is made.
 */
import { type Address, addressText, parseAddress } from '../io/address.ts'
import { systemNow } from '../io/system-clock.ts'
import type { FollowerListener } from '../shadow/link-follower.ts'
import { Verification } from '../shadow/verification.ts'
import { count } from '../sink/units.ts'
import { UsageError } from '../usage-error.ts'
import { readCaptures } from './capture-reading.ts'
import type { DecodeArguments } from './decode.ts'
import { beginningOf, Following } from './following.ts'
import { Inquiry } from './inquiry.ts'
import { parseDuration, sessionOptions } from './session-options.ts'
import { SessionOutput } from './session-output.ts'
import { verifyReport } from './verify-report.ts'
import { Verifying } from './verifying.ts'

const EXIT_FOUND = 1
const LOOK_AGAIN_MS = 5

/** @returns the exit status: 1 where something differs @throws UsageError */
export async function runDecodeVerify(args: DecodeArguments): Promise<number> {
  if (args.against === undefined) throw new UsageError('--verify goes with --against ADDR: the replica')
  const address = parseAddress(args.against, '--against')
  const pauseMs = parseDuration('--verify-pause', args.verifyPause)
  const output = new SessionOutput({ ...sessionOptions(args), quiet: true, summary: false }, 'file')
  const beginning = args.rdbIn === undefined ? undefined : await beginningOf(args.rdbIn)
  const say = (line: string) => output.notice(`syncscope: ${line}`)
  const open = () => opened(address)
  const inquiry = await open()
  // Whatever goes wrong from here on: an open connection would keep the process alive.
  let stop = () => inquiry.close()
  try {
    const stands = await standingOf(inquiry, address, say)
    const report = verifyReport({
      json: args.json,
      palette: output.palette,
      link: (): number | undefined => following.link,
      now: systemNow,
      line: (text) => output.line(text),
      say,
    })
    const verification: Verification = new Verification({ listener: report, isLive: false })
    const following: Following = new Following(upTo(stands, verification), args)
    if (beginning !== undefined) following.beginWith(beginning)
    const tell = (line: string) => say(`verify: ${line}`)
    const verifying = new Verifying({
      ...{ verification, open, pauseMs, say: tell, progress: output.progress, once: true },
    })
    verifying.inquiry = inquiry
    stop = () => verifying.stop()
    return await compared(args, { output, verification, following, verifying, name: addressText(address) })
  } finally {
    stop()
  }
}

/** @throws UsageError */
async function opened(address: Address): Promise<Inquiry> {
  try {
    return await Inquiry.open(address)
  } catch (error) {
    throw new UsageError(`--against: ${(error as Error).message}`, { cause: error })
  }
}

/** At which offset the replica stands. @throws UsageError */
async function standingOf(inquiry: Inquiry, address: Address, say: (line: string) => void): Promise<number> {
  const name = addressText(address)
  const { offset, role } = await inquiry.where()
  if (offset === undefined)
    throw new UsageError(
      `--against: ${name} is a ${role}: where it stands in a master's history is not known`,
    )
  say(`verify: ${name} (${inquiry.server}) stands at offset ${count(offset)}`)
  return offset
}

type Parts = {
  readonly output: SessionOutput
  readonly verification: Verification
  readonly following: Following
  readonly verifying: Verifying
  readonly name: string
}

/** Reads the capture and asks the replica, both at once. @returns the exit status @throws UsageError */
async function compared(args: DecodeArguments, parts: Parts): Promise<number> {
  const { output, verification, following, verifying, name } = parts
  let isOver = false
  let isWhole = false
  let problem: unknown
  const running = verifying.run().then(
    (whole) => {
      isOver = true
      isWhole = whole
    },
    (error: unknown) => {
      isOver = true
      problem = error
    },
  )
  const { isDamaged, isInterrupted } = await readCaptures(args.files, {
    book: following.book,
    reader: {
      notice: output.notice,
      progress: () => {},
      room: () => (verification.isFull && !isOver ? roomFor(verification, () => isOver) : undefined),
      get isClosed() {
        return isOver || output.isClosed || following.isTooLarge
      },
    },
  })
  verifying.isStreamOver = true
  if (isInterrupted || following.isTooLarge || !verification.hasDataset) verifying.stop()
  await running
  output.progress(undefined)
  await output.drained()
  const hasDifference = verification.divergences > 0
  if (isInterrupted) return hasDifference ? EXIT_FOUND : 0
  following.check()
  if (problem !== undefined) throw new UsageError(`--verify: ${name}: ${(problem as Error).message}`)
  if (!isWhole && !hasDifference && !output.isClosed)
    throw new UsageError(
      verification.keysTotal === 0
        ? 'no snapshot to compare with passed; --rdb-in FILE may give a dataset to begin with'
        : '--verify: not all keys could be compared',
    )
  return hasDifference || isDamaged ? EXIT_FOUND : 0
}

/** The verification, but for snapshots that come when all that the replica has was here. */
function upTo(stands: number, verification: Verification): FollowerListener {
  let isEnough = false
  return {
    begin: (beginning) => {
      isEnough = verification.hasDataset && verification.passed >= stands
      if (isEnough) return
      if (beginning.offset > stands) {
        verification.lost(`a snapshot of offset ${beginning.offset} is newer than the replica`, undefined)
        return
      }
      verification.begin(beginning)
      verification.reached(stands)
    },
    unit: (unit) => {
      if (!isEnough) verification.unit(unit)
    },
    renamed: (replid) => {
      if (!isEnough) verification.renamed(replid)
    },
    lost: (why, offset) => {
      // Behind where the replica is, a hole is nobody's business.
      if (!isEnough && (offset === undefined || offset < stands)) verification.lost(why, offset)
    },
  }
}

/** Resolves when the stream may go on. */
async function roomFor(verification: Verification, isOver: () => boolean): Promise<void> {
  while (verification.isFull && !isOver()) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS))
  }
}
