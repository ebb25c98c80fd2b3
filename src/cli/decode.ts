/** `syncscope decode`: the same view as the proxy's, from captures and recordings. */
import { ExtractFolder } from '../io/extract-folder.ts'
import type { Conversations } from '../replication/captured-connections.ts'
import { Extraction } from '../sink/extraction.ts'
import { strangersText } from '../sink/tables.ts'
import { UsageError } from '../usage-error.ts'
import { blindSpots, readCaptures, readerUntil } from './capture-reading.ts'
import { type SessionArguments, sessionOptions } from './session-options.ts'
import { SessionOutput } from './session-output.ts'

const EXIT_FOUND = 1

export type DecodeArguments = SessionArguments & {
  readonly files: readonly string[]
  readonly link?: number | undefined
  readonly extract?: string | undefined
  readonly at?: number | undefined
  readonly rdbOut?: string | undefined
  readonly rdbIn?: string | undefined
  readonly history?: string | undefined
  readonly verify: boolean
  readonly against?: string | undefined
  readonly verifyPause: string
}

/** @returns the exit status: 1 if something is lost, damaged or not understood @throws UsageError */
export async function runDecode(args: DecodeArguments): Promise<number> {
  const job = otherJob(args)
  if (job !== undefined) return await job()
  const given = sessionOptions({ ...args, filter: filterOf(args) })
  const folder = args.extract === undefined ? undefined : new ExtractFolder(args.extract)
  const extraction = folder === undefined ? undefined : new Extraction(folder, args.link)
  const options = extraction === undefined ? given : { ...given, commands: 'told' as const }
  const output = new SessionOutput(options, 'file', extraction === undefined ? [] : [extraction])
  const reading = await readCaptures(args.files, {
    book: listenedTo(output.linkBook(), extraction),
    reader: readerUntil(output, () => folder?.error !== undefined),
  })
  const { session, isDamaged, isInterrupted } = reading
  const { totals } = output
  totals.strangers = session.strangers
  await output.end()
  for (const line of blindSpots(session)) output.notice(`syncscope: ${line}`)
  const encrypted = session.strangers.filter(({ protocol }) => protocol === 'TLS')
  if (encrypted.length > 0) {
    output.notice(
      `syncscope: ${strangersText(encrypted)}: encrypted, so not decoded. If that is a Redis, capture where its traffic is plain.`,
    )
  }
  for (const { name, about } of extraction?.extracted ?? []) output.notice(`extracted ${name}: ${about}`)
  if (folder?.error !== undefined) throw folder.error
  if (args.link !== undefined && !totals.links.has(args.link))
    throw new UsageError(`--link ${args.link}: there is no such link; there are ${totals.links.size}`)
  await output.drained()
  if (isInterrupted) return 0
  return isDamaged || totals.faultCount > 0 || totals.gapCount > 0 ? EXIT_FOUND : 0
}

/** What is asked of the capture instead of a view of it. @throws UsageError where that is not clear */
function otherJob(args: DecodeArguments): (() => Promise<number>) | undefined {
  const { at, history, verify, extract, rdbOut, rdbIn } = args
  const asked = [at !== undefined, history !== undefined, verify, extract !== undefined]
  if (asked.filter(Boolean).length > 1)
    throw new UsageError('--at, --history, --verify and --extract exclude each other')
  if (rdbOut !== undefined && at === undefined) throw new UsageError('--rdb-out goes with --at OFFSET')
  if (args.against !== undefined && !verify) throw new UsageError('--against goes with --verify')
  if (at !== undefined) return async () => (await import('./past.ts')).runPast(args, at)
  if (history !== undefined) return async () => (await import('./history.ts')).runHistory(args, history)
  if (verify) return async () => (await import('./decode-verify.ts')).runDecodeVerify(args)
  if (rdbIn !== undefined) throw new UsageError('--rdb-in goes with --at, --history or --verify')
  return undefined
}

/** The book, with an ear of the extraction at each connection. */
function listenedTo(book: Conversations, extraction: Extraction | undefined): Conversations {
  if (extraction === undefined) return book
  return {
    open: (...connection) => extraction.around(book.open(...connection)),
    tick: (now) => book.tick(now),
  }
}

function filterOf({ filter, link }: DecodeArguments): string | undefined {
  if (link === undefined) return filter
  if (!Number.isSafeInteger(link) || link < 1) throw new UsageError('--link: the number of a link, from 1')
  return `${filter ?? ''} link=${link}`
}
