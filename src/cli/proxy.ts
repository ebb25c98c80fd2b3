/** `syncscope proxy`: sit between replicas and a master, carry every byte, show what passes. */
import { addressText, parseAddress } from '../io/address.ts'
import { openProxy } from '../io/proxy.ts'
import { systemNow } from '../io/system-clock.ts'
import { LinkBook } from '../replication/link-book.ts'
import { Secrets } from '../replication/secrets.ts'
import { untilInterrupted } from './interrupt.ts'
import { type SessionArguments, sessionOptions } from './session-options.ts'
import { SessionOutput } from './session-output.ts'
import { VERSION } from './version.ts'

/** Connections that do not say who they are get their number after a while; this is how often we look. */
const TICK_MS = 100

export type ProxyArguments = SessionArguments & { readonly master: string; readonly listen: string }

/** Runs until Ctrl-C. @returns the exit status @throws UsageError */
export async function runProxy(args: ProxyArguments): Promise<number> {
  const options = sessionOptions(args)
  const master = parseAddress(args.master, '--master')
  const listen = parseAddress(args.listen, '--listen')
  const output = new SessionOutput(options)
  const secrets = new Secrets({ shown: options.showSecrets })
  const book = new LinkBook({ emit: output.event, secrets, keep: options.keep, snapshot: options.snapshot })
  const proxy = await openProxy({
    listen,
    master,
    now: systemNow,
    converse: (replicaText, masterText, at) => book.open(replicaText, masterText, at),
    notice: (line) => output.notice(`syncscope: ${line}`),
  })
  output.notice(`syncscope ${VERSION}  listening on ${proxy.address}, master ${addressText(master)}`)
  const ticking = setInterval(() => book.tick(systemNow()), TICK_MS)
  await untilInterrupted()
  clearInterval(ticking)
  await proxy.close()
  book.tick(Number.POSITIVE_INFINITY)
  await output.end()
  return 0
}
