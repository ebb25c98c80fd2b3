/**
 * Snapshot files to measure with, made once and kept below the system's temporary folder.
 *
 *   mixed      a million and more keys of all kinds, written by a real server
 *   monster    one string of 2 GB and one sorted set of ten million members, written by our own writer
 */
import { once } from 'node:events'
import { copyFileSync, createWriteStream, mkdirSync, renameSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ByteString } from '../../src/bytes/byte-string.ts'
import { encodeRdb } from '../../src/codec/rdb/encode.ts'
import { counted, type RdbEntry, type RdbMember } from '../../src/codec/rdb/encode-model.ts'
import { startRedis } from '../../src/io/redis-process.ts'
import { fill } from '../dataset.ts'

const DIR = join(tmpdir(), 'syncscope-bench-rdb')

/** A file of `keys` mixed keys. */
export async function mixedFile(keys: number, note: (line: string) => void): Promise<string> {
  return cached(`mixed-${keys}.rdb`, async (path) => {
    note(`writing ${keys} keys`)
    await using server = await startRedis()
    await fill(server.client, keys)
    await server.client.command('SAVE')
    copyFileSync(join(server.dir, 'dump.rdb'), path)
  })
}

/** A file whose only keys are larger than memory should be. */
export async function monsterFile(
  stringBytes: number,
  members: number,
  note: (line: string) => void,
): Promise<string> {
  return cached(`monster-${stringBytes}-${members}.rdb`, async (path) => {
    note(`writing a string of ${stringBytes} bytes and a sorted set of ${members} members`)
    const file = createWriteStream(path)
    for (const block of encodeRdb({ databases: [{ db: 0, entries: monsters(stringBytes, members) }] })) {
      if (!file.write(block)) await once(file, 'drain')
    }
    file.end()
    await once(file, 'close')
  })
}

function monsters(stringBytes: number, members: number): RdbEntry[] {
  const piece = Buffer.alloc(1024 * 1024, 'a line of a very long text, "quoted", äöü\n')
  const pieces = {
    length: stringBytes,
    pieces: {
      *[Symbol.iterator]() {
        for (let left = stringBytes; left > 0; left -= piece.length) yield piece.subarray(0, left)
      },
    },
  }
  const all = counted(members, function* (): Iterator<RdbMember> {
    for (let i = members; i > 0; i--) yield { member: `member:${i}` as ByteString, score: i / 4 }
  })
  return [
    { key: 'monster:string' as ByteString, value: { type: 'string', value: pieces } },
    { key: 'monster:zset' as ByteString, value: { type: 'zset', members: all } },
  ]
}

/** Makes the file unless an earlier run has made it. */
async function cached(name: string, make: (path: string) => Promise<void>): Promise<string> {
  mkdirSync(DIR, { recursive: true })
  const path = join(DIR, name)
  if (statSync(path, { throwIfNoEntry: false }) !== undefined) return path
  await make(`${path}.new`)
  renameSync(`${path}.new`, path)
  return path
}
