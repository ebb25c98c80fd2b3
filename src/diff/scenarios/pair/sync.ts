/** A scenario for a pair: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { askAt, lookAt, settle, start, until } from '../../step.ts'

export const pairSync = scenario({
  name: 'pair/sync',
  teaches: 'Two servers of one kind: the whole link between them.',
  role: 'pair',
  steps: [
    start('master'),
    askAt('master', 'SET k v', 'SELECT 3', 'RPUSH l a b'),
    start('replica', { replicaof: '127.0.0.1 {master.port}' }),
    until('master_link_status', 'up', 8000, 'replica'),
    askAt('master', 'SELECT 0', 'SET k w', 'MULTI', 'INCR n', 'INCR n', 'EXEC'),
    settle('master'),
    lookAt('master', 'role'),
    lookAt('replica', 'role', 'dataset', 'digest'),
  ],
})
