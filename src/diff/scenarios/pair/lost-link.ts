/** A scenario for a pair: what it teaches stands in it. */
import { scenario } from '../../scenario.ts'
import { askAt, lookAt, settle, start, until } from '../../step.ts'

export const pairLostLink = scenario({
  name: 'pair/lost-link',
  teaches: 'The link is lost and taken up again.',
  role: 'pair',
  steps: [
    start('master'),
    start('replica', { replicaof: '127.0.0.1 {master.port}' }),
    until('master_link_status', 'up', 8000, 'replica'),
    askAt('master', 'SET k v', 'CLIENT KILL TYPE replica', 'SET k w'),
    settle('master'),
    until('sync_partial_ok', 1, 4000, 'master'),
    settle('master'),
    lookAt('replica', 'dataset', 'digest'),
    lookAt('master', 'stats'),
  ],
})
