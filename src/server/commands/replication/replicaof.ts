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
import { OK, Refusal, type Reply, Status } from '../../replies.ts'

const PORT_MAX = 65_535

function replicaof(call: Call): Reply {
  const { argv, server, session } = call
  const [, host, portText] = argv as [ByteString, ByteString, ByteString]
  const { master, failover } = server.replication
  if (failover.isUnderWay) throw new Refusal('ERR REPLICAOF not allowed while failing over.')
  const by = `(user request from '${clientLine(session)}')`
  if (word(host) === 'NO' && word(portText) === 'ONE') {
    if (master.target === undefined) return OK
    master.unfollow()
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
  master.follow({ host: toText(host) ?? host, port })
  server.surroundings.log('notice', `REPLICAOF ${host}:${port} enabled ${by}`)
  return OK
}

const SPEC = {
  arity: 3,
  flags: ['admin', 'noscript', 'stale', 'no_async_loading'],
  keys: NO_KEYS,
  effect: 'none',
  run: replicaof,
} as const

export const replicaofCommands = defineCommands({ replicaof: SPEC, slaveof: SPEC })
