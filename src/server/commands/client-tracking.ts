/**
 * The subcommands of CLIENT that are about client-side caching; what they switch on works in tracking.ts.
 *
 * Source: redis 7.0 `src/networking.c` (clientCommand), `src/tracking.c` (checkPrefixCollisionsOrReply).
 */
import type { ByteString } from '../../bytes/byte-string.ts'
import { integerArgument, word } from '../arguments.ts'
import type { Call } from '../call.ts'
import { type CommandSpec, type Handler, NO_KEYS } from '../command-spec.ts'
import { Members, OK, Pairs, Refusal, type Reply, SYNTAX } from '../replies.ts'
import type { TrackingMode } from '../tracking.ts'

const OTHER_MODE = 'before disabling tracking for this client, and then re-enabling it with a different mode.'

function tracking(call: Call): Reply {
  const { session, server } = call
  const mode = modeOf(call)
  switch (word(call.argv[2]!)) {
    case 'ON':
      refuseIncompatible(mode, session.tracking)
      server.tracking.enable(session, mode)
      return OK
    case 'OFF':
      server.tracking.disable(session)
      return OK
    default:
      throw new Refusal(SYNTAX)
  }
}

/** The options of CLIENT TRACKING ON. */
function modeOf({ argv, server }: Call): TrackingMode {
  const said = new Set<string>()
  const prefixes: ByteString[] = []
  let redirect = 0
  for (let i = 3; i < argv.length; i++) {
    const name = word(argv[i]!)
    const hasMore = i + 1 < argv.length
    if (name === 'REDIRECT' && hasMore) {
      if (redirect !== 0) throw new Refusal('ERR A client can only redirect to a single other client')
      redirect = integerArgument(argv[++i]!)
      if (!server.sessions.has(redirect)) {
        throw new Refusal('ERR The client ID you want redirect to does not exist')
      }
    } else if (name === 'PREFIX' && hasMore) prefixes.push(argv[++i]!)
    else if (['BCAST', 'OPTIN', 'OPTOUT', 'NOLOOP'].includes(name)) said.add(name)
    else throw new Refusal(SYNTAX)
  }
  return {
    redirect,
    prefixes,
    isBroadcast: said.has('BCAST'),
    isOptIn: said.has('OPTIN'),
    isOptOut: said.has('OPTOUT'),
    isNoLoop: said.has('NOLOOP'),
    hasCaching: false,
    isRedirectBroken: false,
  }
}

function refuseIncompatible(mode: TrackingMode, before: TrackingMode | undefined): void {
  const { isBroadcast, isOptIn, isOptOut, prefixes } = mode
  if (!isBroadcast && prefixes.length > 0) {
    throw new Refusal('ERR PREFIX option requires BCAST mode to be enabled')
  }
  if (before !== undefined && before.isBroadcast !== isBroadcast) {
    throw new Refusal(`ERR You can't switch BCAST mode on/off ${OTHER_MODE}`)
  }
  if (isBroadcast && (isOptIn || isOptOut)) {
    throw new Refusal('ERR OPTIN and OPTOUT are not compatible with BCAST')
  }
  if (isOptIn && isOptOut) throw new Refusal("ERR You can't specify both OPTIN mode and OPTOUT mode")
  if (before !== undefined && ((isOptIn && before.isOptOut) || (isOptOut && before.isOptIn))) {
    throw new Refusal(`ERR You can't switch OPTIN/OPTOUT mode ${OTHER_MODE}`)
  }
  if (isBroadcast) refuseOverlaps(prefixes, before?.prefixes ?? [])
}

/** A key must not match two prefixes of one client: it would be told twice. */
function refuseOverlaps(prefixes: readonly ByteString[], before: readonly ByteString[]): void {
  const overlaps = (one: ByteString, other: ByteString): boolean =>
    one.startsWith(other) || other.startsWith(one)
  prefixes.forEach((prefix, i) => {
    const known = before.find((other) => overlaps(prefix, other))
    const given = prefixes.slice(i + 1).find((other) => overlaps(prefix, other))
    const [what, other] = known === undefined ? ['another provided', given] : ['an existing', known]
    if (other === undefined) return
    throw new Refusal(
      `ERR Prefix '${prefix}' overlaps with ${what} prefix '${other}'. ` +
        'Prefixes for a single client must not overlap.',
    )
  })
}

function caching(call: Call): Reply {
  const mode = call.session.tracking
  if (mode === undefined) {
    throw new Refusal(
      'ERR CLIENT CACHING can be called only when the client is in tracking mode ' +
        'with OPTIN or OPTOUT mode enabled',
    )
  }
  const answer = word(call.argv[2]!)
  if (answer === 'YES' && !mode.isOptIn) {
    throw new Refusal('ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.')
  }
  if (answer === 'NO' && !mode.isOptOut) {
    throw new Refusal('ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.')
  }
  if (answer !== 'YES' && answer !== 'NO') throw new Refusal(SYNTAX)
  mode.hasCaching = true
  return OK
}

function trackingInfo(call: Call): Reply {
  const mode = call.session.tracking
  const flags = [mode === undefined ? 'off' : 'on']
  if (mode?.isBroadcast) flags.push('bcast')
  if (mode?.isOptIn) flags.push('optin', ...(mode.hasCaching ? ['caching-yes'] : []))
  if (mode?.isOptOut) flags.push('optout', ...(mode.hasCaching ? ['caching-no'] : []))
  if (mode?.isNoLoop) flags.push('noloop')
  if (mode?.isRedirectBroken) flags.push('broken_redirect')
  return new Pairs([
    'flags',
    new Members(flags),
    'redirect',
    mode?.redirect ?? -1,
    'prefixes',
    mode?.prefixes ?? [],
  ])
}

function subcommand(arity: number, run: Handler): CommandSpec {
  return { arity, flags: ['noscript', 'loading', 'stale'], keys: NO_KEYS, effect: 'none', run }
}

/** For CLIENT. */
export const trackingSubcommands = {
  tracking: subcommand(-3, tracking),
  caching: subcommand(3, caching),
  getredir: subcommand(2, (call) => call.session.tracking?.redirect ?? -1),
  trackinginfo: subcommand(2, trackingInfo),
}
