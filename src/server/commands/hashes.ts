/**
 * Commands on hashes, declared; what they do stands in hashes/.
 *
 * Source: redis 7.0 `src/commands/*.json`, group hash.
 */
import { defineCommands, ONE_KEY } from '../command-spec.ts'
import { OK } from '../replies.ts'
import { hrandfield } from './hashes/random.ts'
import { hexists, hget, hgetall, hkeys, hlen, hmget, hscan, hstrlen, hvals } from './hashes/reading.ts'
import { hdel, hincrby, hincrbyfloat, hset, hsetnx } from './hashes/writing.ts'

const READ = { flags: ['readonly'], keys: ONE_KEY, effect: 'none' } as const
const READ_FAST = { flags: ['readonly', 'fast'], keys: ONE_KEY, effect: 'none' } as const
const WRITE = { flags: ['write', 'denyoom', 'fast'], keys: ONE_KEY, effect: 'same' } as const

export const hashCommands = defineCommands({
  hget: { ...READ_FAST, arity: 3, run: hget },
  hmget: { ...READ_FAST, arity: -3, run: hmget },
  hlen: { ...READ_FAST, arity: 2, run: hlen },
  hstrlen: { ...READ_FAST, arity: 3, run: hstrlen },
  hexists: { ...READ_FAST, arity: 3, run: hexists },
  hgetall: { ...READ, arity: 2, run: hgetall },
  hkeys: { ...READ, arity: 2, run: hkeys },
  hvals: { ...READ, arity: 2, run: hvals },
  hrandfield: { ...READ, arity: -2, run: hrandfield },
  hscan: { ...READ, arity: -3, run: hscan },
  hset: { ...WRITE, arity: -4, run: hset },
  hmset: {
    ...WRITE,
    arity: -4,
    run: (call) => {
      hset(call)
      return OK
    },
  },
  hsetnx: { ...WRITE, arity: 4, run: hsetnx },
  hdel: { arity: -3, flags: ['write', 'fast'], keys: ONE_KEY, effect: 'same', run: hdel },
  hincrby: { ...WRITE, arity: 4, run: hincrby },
  hincrbyfloat: { ...WRITE, arity: 4, effect: 'own', run: hincrbyfloat },
})
