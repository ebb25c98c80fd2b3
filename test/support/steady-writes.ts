/**
 * Writes of every kind, one small pipeline after the other, until stopped: what a busy master's replicas see.
 *
 *   const writes = steadyWrites(master.client, { keys: 200, seed: 1 })
 *   …
 *   await writes.stop()
 */
import type { Argument, RedisClient } from '../../src/io/redis-client.ts'
import { mulberry32 } from './every-split.ts'

export type SteadyOptions = {
  readonly seed?: number
  /** How many different keys of each type. */
  readonly keys?: number
  readonly pauseMs?: number
  readonly batch?: number
}

type Words = readonly Argument[]

/** One command of some kind. */
export function randomWrite(next: () => number, keys: number): Words[] {
  const below = (n: number): number => Math.floor(next() * n)
  const key = (kind: string): string => `${kind}:${below(keys)}`
  const word = (): string => `w${below(30)}`
  const score = (): string => String(below(1000) / 8)
  const kinds: (() => Words[])[] = [
    () => [['SET', key('s'), word().repeat(1 + below(40))]],
    () => [['SET', key('s'), word(), 'PX', 20 + below(400)]],
    () => [['SET', key('s'), word(), 'EX', 1000]],
    () => [['APPEND', key('s'), word()]],
    () => [['INCRBY', key('n'), below(100) - 50]],
    () => [['INCRBYFLOAT', key('f'), '0.1']],
    () => [['SETRANGE', key('s'), below(50), word()]],
    () => [['RPUSH', key('l'), word(), word(), word()]],
    () => [['LPOP', key('l')]],
    () => [['LTRIM', key('l'), 0, 40]],
    () => [['LMOVE', key('l'), key('l'), 'LEFT', 'RIGHT']],
    () => [['SADD', key('set'), word(), below(100)]],
    () => [['SPOP', key('set')]],
    () => [['SREM', key('set'), word()]],
    () => [['HSET', key('h'), word(), word(), word(), word()]],
    () => [['HINCRBY', key('hn'), word(), 3]],
    () => [['HDEL', key('h'), word()]],
    () => [['ZADD', key('z'), score(), word(), score(), word()]],
    () => [['ZINCRBY', key('z'), '0.3', word()]],
    () => [['ZPOPMIN', key('z')]],
    () => [['ZUNIONSTORE', key('z'), 2, key('z'), key('z')]],
    () => [['XADD', key('x'), 'MAXLEN', '~', 100, '*', word(), word()]],
    () => [['XGROUP', 'CREATE', key('x'), 'g', '0', 'MKSTREAM']],
    () => [['XREADGROUP', 'GROUP', 'g', word(), 'COUNT', 3, 'STREAMS', key('x'), '>']],
    () => [['XDEL', key('x'), `${below(9)}-0`]],
    () => [['XAUTOCLAIM', key('x'), 'g', word(), 0, '0', 'COUNT', 2]],
    () => [['PFADD', key('pf'), word(), word()]],
    () => [['SETBIT', key('b'), below(500), below(2)]],
    () => [['EXPIRE', key('h'), 500 + below(500)]],
    () => [['PEXPIRE', key('l'), 10 + below(300)]],
    () => [['PERSIST', key('h')]],
    () => [['RENAME', key('s'), key('s')]],
    () => [['COPY', key('z'), key('z2'), 'REPLACE']],
    () => [['DEL', key('s'), key('l')]],
    () => [
      ['SELECT', 3],
      ['SADD', key('set'), word()],
      ['SELECT', 0],
    ],
    () => [['MULTI'], ['INCR', key('n')], ['RPUSH', key('l'), word()], ['EXEC']],
    () => [
      ['SELECT', 3],
      ['MOVE', key('set'), 0],
      ['SELECT', 0],
    ],
  ]
  return kinds[below(kinds.length)]!()
}

export function steadyWrites(client: RedisClient, options: SteadyOptions = {}) {
  const { seed = 1, keys = 50, pauseMs = 2, batch = 20 } = options
  const next = mulberry32(seed)
  let isStopped = false
  let commands = 0
  const running = (async () => {
    while (!isStopped) {
      const writes = Array.from({ length: batch }, () => randomWrite(next, keys)).flat()
      commands += writes.length
      await client.pipeline(writes)
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
  })()
  return {
    get commands() {
      return commands
    },
    stop: async () => {
      isStopped = true
      await running
    },
  }
}
