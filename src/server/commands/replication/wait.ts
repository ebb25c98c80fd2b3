/**
 * WAIT: how many replicas have what this client wrote, when they are enough or time is up.
 *
 * Source: redis 7.0 `src/replication.c`, waitCommand.
 */
import { integerArgument } from '../../arguments.ts'
import type { Call } from '../../call.ts'
import { defineCommands, NO_KEYS } from '../../command-spec.ts'
import { Refusal, type Reply } from '../../replies.ts'
import { millisTimeout } from '../timeout.ts'

const NOT_ON_A_REPLICA =
  'ERR WAIT cannot be used with replica instances. Please also note that since Redis 4.0 if a replica is ' +
  'configured to be writable (which is not the default) writes to replicas are just local and are not ' +
  'propagated.'

function wait(call: Call): Reply {
  const { argv, server, session } = call
  if (server.isReplica) throw new Refusal(NOT_ON_A_REPLICA)
  const wanted = integerArgument(argv[1]!)
  const timeout = millisTimeout(argv[2]!)
  const { replicas, waits } = server.replication
  const offset = session.writtenOffset
  const count = replicas.countAcked(offset)
  if (count >= wanted || session.isExecuting) return count
  waits.add(session, argv, { offset, wanted })
  return call.block([], timeout, () => replicas.countAcked(offset))
}

export const waitCommands = defineCommands({
  wait: { arity: 3, flags: ['noscript'], keys: NO_KEYS, effect: 'none', run: wait },
})
