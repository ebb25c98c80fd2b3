/**
 * CLUSTER and its companions, as a server answers that is not part of a cluster: it knows them, and refuses.
 *
 * Clients ask (CLUSTER SLOTS, READONLY …) to find out whom they talk to; an unknown command would mislead
 * them.
 *
 * Source: redis 7.0 `src/cluster.c`, clusterCommand.
 */
import { type CommandFlag, type CommandSpec, defineCommands, NO_KEYS } from '../command-spec.ts'
import { Refusal, type Reply, wrongArity } from '../replies.ts'

function refuse(): Reply {
  throw new Refusal('ERR This instance has cluster support disabled')
}

function command(arity: number, ...flags: readonly CommandFlag[]): CommandSpec {
  return { arity, flags, keys: NO_KEYS, effect: 'none', run: refuse }
}

const asks = (arity: number): CommandSpec => command(arity, 'stale')
const administers = (arity: number): CommandSpec => command(arity, 'admin', 'stale')
const changes = (arity: number): CommandSpec => command(arity, 'admin', 'stale', 'no_async_loading')

export const clusterCommands = defineCommands({
  asking: command(1, 'fast'),
  readonly: command(1, 'loading', 'stale', 'fast'),
  readwrite: command(1, 'loading', 'stale', 'fast'),
  cluster: {
    ...command(-2),
    run: () => {
      throw new Refusal(wrongArity('cluster'))
    },
    subcommands: {
      addslots: changes(-3),
      addslotsrange: changes(-4),
      bumpepoch: changes(2),
      'count-failure-reports': administers(3),
      countkeysinslot: asks(3),
      delslots: changes(-3),
      delslotsrange: changes(-4),
      failover: changes(-2),
      flushslots: changes(2),
      forget: changes(3),
      getkeysinslot: asks(4),
      help: command(2, 'loading', 'stale'),
      info: asks(2),
      keyslot: asks(3),
      links: asks(2),
      meet: changes(-4),
      myid: asks(2),
      nodes: asks(2),
      replicas: administers(3),
      replicate: changes(3),
      reset: command(-2, 'admin', 'noscript', 'stale'),
      saveconfig: changes(2),
      'set-config-epoch': changes(3),
      setslot: changes(-4),
      shards: asks(2),
      slaves: administers(3),
      slots: asks(2),
    },
  },
})
