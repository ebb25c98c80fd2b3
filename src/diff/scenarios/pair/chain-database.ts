/** A scenario for a pair: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { askAt, lookAt, settle, start, until } from '../../step.ts'

export const pairChainDatabase = scenario({
  name: 'pair/chain-database',
  teaches: 'Who joins the end of a chain learns from its snapshot which database the stream is in.',
  role: 'pair',
  steps: [
    start('master'),
    start('middle', { replicaof: '127.0.0.1 {master.port}' }),
    until('master_link_status', 'up', 8000, 'middle'),
    askAt('master', 'SELECT 3', 'SET k v'),
    settle('master'),
    start('last', { replicaof: '127.0.0.1 {middle.port}' }),
    until('master_link_status', 'up', 8000, 'last'),
    askAt('master', 'SET k w'),
    settle('master'),
    lookAt('last', 'dataset', 'digest'),
  ],
})
