/** `syncscope decode`: the same view as the proxy's, from captures and recordings. */
import { strangersText } from '../sink/tables.ts'
import { UsageError } from '../usage-error.ts'
import { blindSpots, readCaptures } from './capture-reading.ts'
import { type SessionArguments, sessionOptions } from './session-options.ts'
import { SessionOutput } from './session-output.ts'

const EXIT_FOUND = 1

export type DecodeArguments = SessionArguments & {
  readonly files: readonly string[]
  readonly link?: number | undefined
}

/** @returns the exit status: 1 if something is lost, damaged or not understood @throws UsageError */
export async function runDecode(args: DecodeArguments): Promise<number> {
  const options = sessionOptions({ ...args, filter: filterOf(args) })
  const output = new SessionOutput(options, 'file')
  const reading = await readCaptures(args.files, { book: output.linkBook(), reader: output })
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
  if (args.link !== undefined && !totals.links.has(args.link))
    throw new UsageError(`--link ${args.link}: there is no such link; there are ${totals.links.size}`)
  await output.drained()
  if (isInterrupted) return 0
  return isDamaged || totals.faultCount > 0 || totals.gapCount > 0 ? EXIT_FOUND : 0
}

function filterOf({ filter, link }: DecodeArguments): string | undefined {
  if (link === undefined) return filter
  if (!Number.isSafeInteger(link) || link < 1) throw new UsageError('--link: the number of a link, from 1')
  return `${filter ?? ''} link=${link}`
}
