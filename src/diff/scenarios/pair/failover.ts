/** A scenario for a pair: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { askAt, lookAt, settle, start, until } from '../../step.ts'

export const pairFailover = scenario({
  name: 'pair/failover',
  teaches: 'FAILOVER: master and replica change places, and nobody needs a snapshot.',
  role: 'pair',
  steps: [
    start('master'),
    start('replica', { replicaof: '127.0.0.1 {master.port}' }),
    until('master_link_status', 'up', 8000, 'replica'),
    askAt('master', 'SET k v'),
    settle('master'),
    askAt('master', 'FAILOVER'),
    until('role', 'master', 8000, 'replica'),
    until('master_link_status', 'up', 8000, 'master'),
    askAt('replica', 'SET k w'),
    settle('replica'),
    askAt('master', 'GET k', 'SET k x'),
    lookAt('replica', 'stats'),
    lookAt('master', 'role'),
  ],
})
