/**
 * REPLICAOF (SLAVEOF): follow a master from now on, or be one.
 *
 *   REPLICAOF host port      what is here is replaced by what is there, unless it can go on from it
 *   REPLICAOF NO ONE         promotion
 *
 * Source: redis 7.0 `src/replication.c`, replicaofCommand.
 */
import { type ByteString, toText } from '../../../bytes/byte-string.ts'
import { integerInRange, word } from '../../arguments.ts'
import type { Call } from '../../call.ts'
import { clientLine } from '../../client-line.ts'
import { defineCommands, NO_KEYS } from '../../command-spec.ts'
import { parameterOf } from '../../config/settings.ts'
import { OK, type Reply, Status } from '../../replies.ts'

const PORT_MAX = 65_535

function replicaof(call: Call): Reply {
  const { argv, server, session } = call
  const [, host, portText] = argv as [ByteString, ByteString, ByteString]
  const { master } = server.replication
  const by = `(user request from '${clientLine(session)}')`
  if (word(host) === 'NO' && word(portText) === 'ONE') {
    if (master.target === undefined) return OK
    master.unfollow()
    configure(call, '')
    server.surroundings.log('notice', `MASTER MODE enabled ${by}`)
    return OK
  }
  const port = integerInRange(portText, 0, PORT_MAX, 'ERR Invalid master port')
  const { target } = master
  if (target?.host.toLowerCase() === host.toLowerCase() && target.port === port) {
    server.surroundings.log(
      'notice',
      'REPLICAOF would result into synchronization with the master we are ' +
        'already connected with. No operation performed.',
    )
    return new Status('OK Already connected to specified master')
  }
  configure(call, `${host} ${port}`)
  master.follow({ host: toText(host) ?? host, port })
  server.surroundings.log('notice', `REPLICAOF ${host}:${port} enabled ${by}`)
  return OK
}

/** CONFIG GET and CONFIG REWRITE tell it. */
function configure({ server }: Call, value: string): void {
  server.settings.set(parameterOf('replicaof')!, value)
}

const SPEC = {
  arity: 3,
  flags: ['admin', 'noscript', 'stale', 'no_async_loading'],
  keys: NO_KEYS,
  effect: 'none',
  run: replicaof,
} as const

export const replicaofCommands = defineCommands({ replicaof: SPEC, slaveof: SPEC })
