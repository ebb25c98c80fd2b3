/** A scenario for a pair: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { askAt, lookAt, settle, start, until } from '../../step.ts'

export const pairFailback = scenario({
  name: 'pair/failback',
  teaches: 'An old master that comes back with writes of its own needs everything.',
  role: 'pair',
  steps: [
    start('master'),
    start('replica', { replicaof: '127.0.0.1 {master.port}' }),
    until('master_link_status', 'up', 8000, 'replica'),
    askAt('master', 'SET k v'),
    settle('master'),
    askAt('replica', 'REPLICAOF NO ONE'),
    askAt('master', 'SET lost 1'),
    askAt('replica', 'SET k w'),
    askAt('master', 'REPLICAOF 127.0.0.1 {replica.port}'),
    until('master_link_status', 'up', 8000, 'master'),
    settle('replica'),
    lookAt('master', 'dataset', 'info'),
    lookAt('replica', 'stats', 'info'),
  ],
})
