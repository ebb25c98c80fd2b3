/** A scenario for a pair: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { askAt, lookAt, settle, start, until } from '../../step.ts'

export const pairChain = scenario({
  name: 'pair/chain',
  teaches: 'Three in a chain: the last has what the first was told.',
  role: 'pair',
  steps: [
    start('master'),
    start('middle', { replicaof: '127.0.0.1 {master.port}' }),
    until('master_link_status', 'up', 8000, 'middle'),
    start('last', { replicaof: '127.0.0.1 {middle.port}' }),
    until('master_link_status', 'up', 8000, 'last'),
    askAt('master', 'SET k v', 'INCR n'),
    settle('master'),
    lookAt('last', 'dataset', 'role'),
    askAt('middle', 'REPLICAOF NO ONE', 'SET k w'),
    until('master_link_status', 'up', 8000, 'last'),
    settle('middle'),
    lookAt('last', 'dataset'),
    lookAt('middle', 'info'),
  ],
})
