/** Which arguments are keys: as the server itself says (COMMAND GETKEYS), and for what no server says. */
import { describe, expect, it } from 'vitest'
import type { ByteString } from '../../src/bytes/byte-string.ts'
import { KeptCommand } from '../../src/codec/resp/command.ts'
import { splitInline } from '../../src/codec/resp/inline.ts'
import { keysOf } from '../../src/replication/command-keys.ts'
import { describeWithRedis, startRedis } from '../support/real-redis.ts'

const keys = (text: string) => keysOf(new KeptCommand(splitInline(text)!))

/** Commands with keys, as they stand on a replication stream. */
const WITH_KEYS = [
  'SET k v PXAT 1795232264000',
  'DEL a b c',
  'UNLINK a b',
  'MSET a 1 b 2 c 3',
  'MSETNX a 1 b 2',
  'RENAME a b',
  'RENAMENX a b',
  'COPY a b DB 1',
  'LMOVE a b LEFT RIGHT',
  'RPOPLPUSH a b',
  'SMOVE a b m',
  'SDIFFSTORE d a b',
  'SINTERSTORE d a b c',
  'SUNIONSTORE d a',
  'PFMERGE d a b',
  'PFADD k a b',
  'BITOP AND d a b',
  'ZUNIONSTORE d 2 a b WEIGHTS 1 2',
  'ZINTERSTORE d 2 a b AGGREGATE MAX',
  'ZDIFFSTORE d 2 a b',
  'ZRANGESTORE d a 0 -1',
  'GEOSEARCHSTORE d a FROMLONLAT 0 0 BYRADIUS 1 km ASC',
  'EVAL "return 1" 2 a b c d',
  'EVALSHA abc 1 a b',
  'FCALL f 2 a b c',
  'XADD s 1-1 f v',
  'XGROUP CREATE s g $',
  'XACK s g 1-1',
  'XSETID s 1-1',
  'HSET h f v g w',
  'PEXPIREAT k 1795232264000',
  'RESTORE k 0 x REPLACE',
  'SETRANGE k 0 x',
  'INCRBYFLOAT k 1',
]

describe('the keys of a command', () => {
  it('are none where there are none', () => {
    for (const text of ['PING', 'SELECT 0', 'MULTI', 'EXEC', 'FLUSHALL ASYNC', 'FLUSHDB', 'SWAPDB 0 1']) {
      expect(keys(text), text).toEqual([])
    }
    for (const text of ['PUBLISH c m', 'SPUBLISH c m', 'SCRIPT LOAD x', 'REPLCONF GETACK *', 'DEL']) {
      expect(keys(text), text).toEqual([])
    }
    expect(keys('FUNCTION LOAD x')).toEqual([])
  })

  it('are those that are there, where the command promises more', () => {
    expect(keys('EVAL x 5 a b')).toEqual(['a', 'b'])
    expect(keys('EVAL x 99999999999999999999 a')).toEqual(['a'])
    expect(keys('EVAL x many a')).toEqual([])
    expect(keys('EVAL x -1 a')).toEqual([])
    expect(keys('ZUNIONSTORE d')).toEqual(['d'])
    expect(keys('MSET a 1 b')).toEqual(['a', 'b'])
    expect(keys('RENAME a')).toEqual(['a'])
  })

  it('are found among those that are kept of a very large command', () => {
    const cut = new KeptCommand(['DEL', 'a', 'b'] as ByteString[], 1_000_000)
    expect(keysOf(cut)).toEqual(['a', 'b'])
  })

  it('are taken from the first argument of a command nobody knows', () => {
    expect(keys('JSON.SET doc $ 1')).toEqual(['doc'])
  })
})

describeWithRedis('the keys of a command', (server) => {
  it.skipIf(server.major < 7)('are those that the server names', async () => {
    const redis = await startRedis({ server })
    for (const text of WITH_KEYS) {
      const named = (await redis.client.command('COMMAND', 'GETKEYS', ...splitInline(text)!)) as string[]
      expect([...keys(text)].sort(), text).toEqual([...named].sort())
    }
  })
})
