/**
 * Commands about the connection itself. Who somebody is, is in authentication.ts.
 *
 * Source: redis 7.0 `src/commands/*.json`, group connection; `src/networking.c`, `src/server.c`.
 */
import type { ByteString } from '../../bytes/byte-string.ts'
import { intArgument } from '../arguments.ts'
import type { Call } from '../call.ts'
import { defineCommands, NO_KEYS } from '../command-spec.ts'
import { OK, PONG, Refusal, type Reply, Status, wrongArity } from '../replies.ts'
import { leaveTransaction } from '../transaction.ts'

const NO_NAME = '' as ByteString

function ping(call: Call): Reply {
  if (call.argv.length > 2) throw new Refusal(wrongArity('ping'))
  // A subscriber over RESP2 must be able to tell a reply from a message.
  if (call.session.resp === 2 && call.session.isSubscribed) return ['pong', call.argv[1] ?? '']
  return call.argv[1] ?? PONG
}

function select(call: Call): Reply {
  const db = call.server.databases[intArgument(call.argv[1]!)]
  if (db === undefined) throw new Refusal('ERR DB index is out of range')
  call.session.db = db
  return OK
}

function quit({ session }: Call): Reply {
  session.closeAfterReply()
  return OK
}

/** As if the client had just come. */
function reset({ session, server }: Call): Reply {
  if (session.isMonitor) server.monitors.remove(session)
  server.tracking.disable(session)
  leaveTransaction(session)
  server.pubsub.gone(session)
  session.db = server.databases[0]!
  session.resp = 2
  session.isAuthenticated = server.settings.requirepass === ''
  session.name = NO_NAME
  session.replyMode = 'on'
  return new Status('RESET')
}

const FLAGS = ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'] as const

export const connectionCommands = defineCommands({
  ping: { arity: -1, flags: ['fast'], keys: NO_KEYS, effect: 'none', run: ping },
  echo: {
    arity: 2,
    flags: ['loading', 'stale', 'fast'],
    keys: NO_KEYS,
    effect: 'none',
    run: (call) => call.argv[1]!,
  },
  select: { arity: 2, flags: ['loading', 'stale', 'fast'], keys: NO_KEYS, effect: 'none', run: select },
  quit: { arity: -1, flags: FLAGS, keys: NO_KEYS, effect: 'none', run: quit },
  reset: { arity: 1, flags: FLAGS, keys: NO_KEYS, effect: 'none', run: reset },
})
