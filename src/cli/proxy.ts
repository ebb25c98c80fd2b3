/** `syncscope proxy`: sit between replicas and a master, carry every byte, show what passes. */
import { type Address, addressText, parseAddress } from '../io/address.ts'
import { openProxy } from '../io/proxy.ts'
import { RecordingFile } from '../io/recording-file.ts'
import { systemNow } from '../io/system-clock.ts'
import { STRIPPABLE } from '../replication/capa-stripper.ts'
import { Secrets } from '../replication/secrets.ts'
import { Recorder } from '../sink/recorder.ts'
import { UsageError } from '../usage-error.ts'
import { untilInterrupted } from './interrupt.ts'
import { ProxyVerify } from './proxy-verify.ts'
import { parseDuration, type SessionArguments, sessionOptions } from './session-options.ts'
import { SessionOutput } from './session-output.ts'
import { verifyReport } from './verify-report.ts'
import { VERSION } from './version.ts'

/** Connections that do not say who they are get their number after a while; this is how often we look. */
const TICK_MS = 100

export type ProxyArguments = SessionArguments & {
  readonly master: string
  readonly listen: string
  readonly record?: string | undefined
  readonly stripCapa?: string | undefined
  readonly verify: boolean
  readonly against?: string | undefined
  readonly verifyPause: string
  readonly link?: number | undefined
}

const EXIT_FOUND = 1

/** Runs until Ctrl-C. @returns the exit status @throws UsageError */
export async function runProxy(args: ProxyArguments): Promise<number> {
  const options = sessionOptions(args)
  const master = parseAddress(args.master, '--master')
  const listen = parseAddress(args.listen, '--listen')
  if (isSame(master, listen)) {
    throw new UsageError(
      `--master: ${addressText(master)} is where it listens itself: choose another with --listen`,
    )
  }
  const strip = capabilities(args.stripCapa)
  const output = new SessionOutput(options)
  const notice = (line: string) => output.notice(`syncscope: ${line}`)
  const secrets = new Secrets({ shown: options.showSecrets, blanks: true })
  const file = args.record === undefined ? undefined : await RecordingFile.open(args.record, notice)
  const recorder = file && new Recorder(file, `syncscope ${VERSION}`, secrets)
  const book = output.linkBook(recorder && secrets)
  const verify = verifier(args, output)
  const proxy = await openProxy({
    listen,
    master,
    now: systemNow,
    converse: (replicaText, masterText, at) => {
      const session = recorder?.session(replicaText, masterText)
      const conversation = book.open(replicaText, masterText, at, 'handshake', session?.event)
      const ear = session?.around(conversation) ?? conversation
      return verify?.around(replicaText, masterText, at, ear) ?? ear
    },
    strip,
    notice,
  })
  output.notice(`syncscope ${VERSION}  listening on ${proxy.address}, master ${addressText(master)}`)
  if (strip.length > 0) {
    notice(
      `--strip-capa: ${strip.join(', ')} taken out of what replicas say they can; nothing else is changed`,
    )
  }
  verify?.start()
  const ticking = setInterval(() => {
    book.tick(systemNow())
    verify?.tick(systemNow())
  }, TICK_MS)
  await untilInterrupted()
  clearInterval(ticking)
  await proxy.close()
  book.tick(Number.POSITIVE_INFINITY)
  await file?.close()
  const differences = (await verify?.end()) ?? 0
  await output.end()
  return differences > 0 ? EXIT_FOUND : 0
}

/** @throws UsageError */
function verifier(args: ProxyArguments, output: SessionOutput): ProxyVerify | undefined {
  const { verify, against, link, json } = args
  if (!verify) {
    if (against !== undefined) throw new UsageError('--against goes with --verify')
    if (link !== undefined)
      throw new UsageError('--link goes with --verify; --filter link=N chooses what is shown')
    return undefined
  }
  const say = (line: string) => output.notice(`syncscope: ${line}`)
  return new ProxyVerify({
    against,
    link,
    pauseMs: parseDuration('--verify-pause', args.verifyPause),
    say,
    progress: output.progress,
    listener: (of) =>
      verifyReport({
        json,
        palette: output.palette,
        link: of,
        now: systemNow,
        line: (text) => output.line(text),
        say,
      }),
  })
}

/** @throws UsageError for a name that is no capability of a replica */
function capabilities(list: string | undefined): readonly string[] {
  const names = (list ?? '').split(',').map((name) => name.trim().toLowerCase())
  if (list === undefined) return []
  const unknown = names.find((name) => !STRIPPABLE.includes(name))
  if (unknown === undefined) return [...new Set(names)]
  throw new UsageError(`--strip-capa: "${unknown}" is no capability; there are ${STRIPPABLE.join(', ')}`)
}

/** Whether a proxy between these would connect to itself, as far as their names tell. */
function isSame(master: Address, listen: Address): boolean {
  if (master.kind === 'unix' || listen.kind === 'unix') return addressText(master) === addressText(listen)
  const here = (host: string) => (/^(localhost|127\.0\.0\.1|0\.0\.0\.0|::1|::)$/i.test(host) ? 'here' : host)
  return master.port === listen.port && here(master.host) === here(listen.host) && master.port !== 0
}
