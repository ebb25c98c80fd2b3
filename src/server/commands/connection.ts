/**
 * Commands about the connection itself.
 *
 * Source: redis 7.0 `src/commands/*.json`, group connection; `src/networking.c`, `src/acl.c` (AUTH).
 */
import { smallInteger } from '../arguments.ts'
import type { Call } from '../call.ts'
import { defineCommands, NO_KEYS } from '../command-spec.ts'
import { NOT_AN_INTEGER, OK, PONG, Refusal, type Reply, wrongArity } from '../replies.ts'

function ping(call: Call): Reply {
  if (call.argv.length > 2) throw new Refusal(wrongArity('ping'))
  // A subscriber over RESP2 must be able to tell a reply from a message.
  if (call.session.resp === 2 && call.session.isSubscribed) return ['pong', call.argv[1] ?? '']
  return call.argv[1] ?? PONG
}

function select(call: Call): Reply {
  const index = smallInteger(call.argv[1]!)
  if (index === undefined) throw new Refusal(NOT_AN_INTEGER)
  const db = call.server.databases[index]
  if (db === undefined) throw new Refusal('ERR DB index is out of range')
  call.session.db = db
  return OK
}

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
})
