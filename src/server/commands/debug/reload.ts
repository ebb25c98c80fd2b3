/**
 * DEBUG RELOAD: the dataset to disk and back.
 *
 *   NOSAVE    what is on disk is loaded as it is
 *   NOFLUSH   and added to what is here; a key that is in both is an error …
 *   MERGE     … or comes from the file
 *
 * A real server dies of that error. Here nothing is changed, and the client is told. It also saves what it
 * has read so far over the file that it is reading; here there is nothing to reload before all is there.
 *
 * Source: redis 7.0 `src/debug.c`, debugCommand.
 */
import type { ByteString } from '../../../bytes/byte-string.ts'
import { word } from '../../arguments.ts'
import type { Call } from '../../call.ts'
import type { Database } from '../../dataset/database.ts'
import { NEVER } from '../../dataset/entry.ts'
import { LOADING } from '../../gate.ts'
import { loadAtOnce } from '../../persistence/disk-loading.ts'
import type { Loaded } from '../../persistence/loader.ts'
import { OK, Refusal, type Reply } from '../../replies.ts'

const OPTIONS: ReadonlySet<string> = new Set(['MERGE', 'NOFLUSH', 'NOSAVE'])

export function reload(call: Call, words: readonly ByteString[]): Reply {
  const { server } = call
  const options = new Set(words.map(word))
  for (const option of options) {
    if (!OPTIONS.has(option)) {
      throw new Refusal('ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.')
    }
  }
  if (server.isLoading) throw new Refusal(LOADING)
  if (!options.has('NOSAVE') && !server.saver.saveNow()) throw new Refusal('ERR')
  const loaded = read(call)
  if (!options.has('NOFLUSH')) server.adopt(loaded)
  else merge(call, loaded, options.has('MERGE'))
  server.surroundings.log('warning', 'DB reloaded by DEBUG RELOAD')
  return OK
}

function read({ server }: Call): Loaded {
  try {
    const loaded = loadAtOnce(server)
    if (loaded !== undefined) return loaded
  } catch (error) {
    server.surroundings.log('warning', (error as Error).message)
  }
  throw new Refusal('ERR Error trying to load the RDB dump, check server logs')
}

function merge(call: Call, loaded: Loaded, replaces: boolean): void {
  const { databases, surroundings } = call.server
  const pairs = databases.map((db, i) => [db, loaded.databases[i]!] as const)
  if (!replaces && pairs.some(([db, { entries }]) => entries.items.some(({ key }) => db.peek(key)))) {
    surroundings.log('warning', 'The snapshot holds keys that are here too; nothing was loaded')
    throw new Refusal('ERR Error trying to load the RDB dump, check server logs')
  }
  for (const [db, source] of pairs) take(call, db, source)
}

/** Whoever watches or caches a key that is replaced hears of it, as of any change. */
function take(call: Call, db: Database, source: Database): void {
  for (const { key, value, expireAt, usedAt, frequency } of source.entries.items) {
    const there = db.peek(key)
    if (there !== undefined) db.remove(there)
    const entry = db.add(key, value, usedAt)
    call.server.snapshotting.added(entry)
    entry.frequency = frequency
    if (expireAt !== NEVER) db.expire(entry, expireAt)
    call.execution.touched(db, key)
  }
}
