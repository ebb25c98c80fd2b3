/**
 * FAILOVER [TO host port [FORCE]] [ABORT] [TIMEOUT ms]: a master hands over to a replica
 * (replication/failover.ts).
 *
 * Source: redis 7.0 `src/replication.c`, failoverCommand.
 */
import { integerArgument, word } from '../../arguments.ts'
import type { Call } from '../../call.ts'
import { defineCommands, NO_KEYS } from '../../command-spec.ts'
import { type FailoverRequest, isAt } from '../../replication/failover.ts'
import { OK, Refusal, type Reply, SYNTAX } from '../../replies.ts'

function failover(call: Call): Reply {
  const { server, argv } = call
  const { failover, replicas } = server.replication
  const request = options(argv)
  if (request === 'abort') {
    if (!failover.isUnderWay) throw new Refusal('ERR No failover in progress.')
    failover.abort('Failover manually aborted')
    return OK
  }
  if (failover.isUnderWay) throw new Refusal('ERR FAILOVER already in progress.')
  if (server.isReplica) throw new Refusal('ERR FAILOVER is not valid when server is a replica.')
  if (replicas.count === 0) throw new Refusal('ERR FAILOVER requires connected replicas.')
  const { target, isForced, timeoutMs } = request
  if (isForced && (target === undefined || timeoutMs === undefined)) {
    throw new Refusal('ERR FAILOVER with force option requires both a timeout and target HOST and IP.')
  }
  if (target !== undefined) {
    const replica = [...replicas.all].find((one) => isAt(one, target))
    if (replica === undefined) throw new Refusal('ERR FAILOVER target HOST and PORT is not a replica.')
    if (!replica.isOnline) throw new Refusal('ERR FAILOVER target replica is not online.')
  }
  failover.begin(request)
  return OK
}

function options(argv: Call['argv']): FailoverRequest | 'abort' {
  let timeoutMs: number | undefined
  let target: FailoverRequest['target']
  let isForced = false
  for (let i = 1; i < argv.length; i++) {
    const option = word(argv[i]!)
    const left = argv.length - i - 1
    if (option === 'TIMEOUT' && left >= 1 && timeoutMs === undefined) {
      timeoutMs = integerArgument(argv[++i]!)
      if (timeoutMs <= 0) throw new Refusal('ERR FAILOVER timeout must be greater than 0')
    } else if (option === 'TO' && left >= 2 && target === undefined) {
      target = { host: argv[i + 1]!, port: integerArgument(argv[i + 2]!) }
      i += 2
    } else if (option === 'FORCE' && !isForced) isForced = true
    else if (option === 'ABORT' && argv.length === 2) return 'abort'
    else throw new Refusal(SYNTAX)
  }
  return { target, isForced, timeoutMs }
}

export const failoverCommands = defineCommands({
  failover: {
    arity: -1,
    flags: ['admin', 'noscript', 'stale'],
    keys: NO_KEYS,
    effect: 'none',
    run: failover,
  },
})
