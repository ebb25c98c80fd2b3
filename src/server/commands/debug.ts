/**
 * DEBUG: what tests and the curious need.
 *
 * Source: redis 7.0 `src/debug.c`.
 */
import type { ByteString } from '../../bytes/byte-string.ts'
import { word } from '../arguments.ts'
import type { Call } from '../call.ts'
import { defineCommands, NO_KEYS } from '../command-spec.ts'
import { datasetDigest, valueDigest } from '../dataset/digest.ts'
import { NEVER } from '../dataset/entry.ts'
import { OK, Refusal, type Reply, Status } from '../replies.ts'

type Subcommand = (call: Call, rest: readonly ByteString[]) => Reply

const SUBCOMMANDS: Readonly<Record<string, Subcommand>> = {
  DIGEST: (call) => new Status(datasetDigest(call.server.databases)),
  RELOAD: (call, words) => {
    const { saver } = call.server
    const options = words.map(word)
    if (options.some((option) => !['MERGE', 'NOFLUSH', 'NOSAVE'].includes(option))) {
      throw new Refusal('ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.')
    }
    if (!options.includes('NOSAVE') && !saver.saveNow()) throw new Refusal('ERR')
    const loaded = saver.load()
    if (loaded === undefined) throw new Refusal('ERR Error trying to load the RDB dump, check server logs')
    call.server.adopt(loaded)
    return OK
  },
  'SET-ACTIVE-EXPIRE': (call, [isOn]) => {
    call.server.expiry.isOn = isOn === '1'
    return OK
  },
  'DIGEST-VALUE': (call, keys) =>
    keys.map((key) => {
      const entry = call.db.peek(key)
      return new Status(
        entry === undefined ? '0'.repeat(40) : valueDigest(entry.value.rdb(), entry.expireAt !== NEVER),
      )
    }),
}

function debug(call: Call): Reply {
  const [, name, ...rest] = call.argv as [ByteString, ByteString, ...ByteString[]]
  const run = SUBCOMMANDS[name.toUpperCase()]
  if (run === undefined) {
    throw new Refusal(
      `ERR unknown subcommand or wrong number of arguments for '${name.slice(0, 128)}'. Try DEBUG HELP.`,
    )
  }
  return run(call, rest)
}

export const debugCommands = defineCommands({
  debug: {
    arity: -2,
    flags: ['admin', 'noscript', 'loading', 'stale'],
    keys: NO_KEYS,
    effect: 'none',
    run: debug,
  },
})
