/**
 * MONITOR: the client sees every command from now on (monitors.ts).
 *
 * Source: redis 7.0 `src/server.c`, monitorCommand.
 */
import type { Call } from '../call.ts'
import { defineCommands, NO_KEYS } from '../command-spec.ts'
import { OK, Refusal, type Reply, SILENCE } from '../replies.ts'

function monitor({ session, server }: Call): Reply {
  if (session.isExecuting) throw new Refusal("ERR MONITOR isn't allowed for DENY BLOCKING client")
  // Redis does not answer the second time.
  if (session.isMonitor) return SILENCE
  server.monitors.add(session)
  return OK
}

export const monitorCommands = defineCommands({
  monitor: {
    arity: 1,
    flags: ['admin', 'noscript', 'loading', 'stale'],
    keys: NO_KEYS,
    effect: 'none',
    run: monitor,
  },
})
