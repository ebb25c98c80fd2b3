/**
 * ROLE: what this server is in replication, in a few words.
 *
 *   master   its offset, and its replicas that are in sync
 *   slave    its master, the state of the link, the offset it has
 *
 * Source: redis 7.0 `src/replication.c`, roleCommand.
 */
import type { Call } from '../../call.ts'
import { defineCommands, NO_KEYS } from '../../command-spec.ts'
import { roleText } from '../../replication/link-states.ts'
import type { Reply } from '../../replies.ts'

function role({ server }: Call): Reply {
  const { history, master, replicas } = server.replication
  if (master.target === undefined) {
    const online = [...replicas.all].filter(({ isOnline }) => isOnline)
    const lines = online.map(({ ip, listeningPort, ackOffset }) => [
      ip,
      String(listeningPort),
      String(ackOffset),
    ])
    return ['master', history.offset, lines]
  }
  const { host, port } = master.target
  return ['slave', host, port, roleText(master.state), master.isUp ? history.offset : -1]
}

export const roleCommands = defineCommands({
  role: {
    arity: 1,
    flags: ['noscript', 'loading', 'stale', 'fast'],
    keys: NO_KEYS,
    effect: 'none',
    run: role,
  },
})
