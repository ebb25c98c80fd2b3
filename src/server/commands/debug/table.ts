/**
 * DEBUG: what tests and the curious need; who may use it says enable-debug-command (gate.ts).
 *
 * What crashes a server on purpose (SEGFAULT, PANIC, RESTART …) is not here, nor what tunes an allocator that
 * does not exist. Where Redis has a mechanism to be tuned that we have not (reply buffers), it is
 * accepted: there is nothing to do.
 *
 * Source: redis 7.0 `src/debug.c`, debugCommand.
 */
import type { ByteString } from '../../../bytes/byte-string.ts'
import { floatOf, integerArgument } from '../../arguments.ts'
import type { Call } from '../../call.ts'
import { defineCommands, NO_KEYS } from '../../command-spec.ts'
import { Failure, OK, Refusal, type Reply, Status } from '../../replies.ts'
import { rewriteAll } from '../config.ts'
import { DEBUG_HELP, helpReply } from '../help.ts'
import {
  digest,
  digestValue,
  listpack,
  object,
  packedThreshold,
  populate,
  quicklist,
  sdsLength,
  tableStatistics,
  valueTableStatistics,
} from './dataset.ts'
import { protocol } from './protocol.ts'
import { reload } from './reload.ts'

type Subcommand = {
  /** Words behind the subcommand's name, at least and at most. */
  readonly words: readonly [low: number, high: number]
  readonly run: (call: Call, words: readonly ByteString[]) => Reply
}

const ANY = Number.MAX_SAFE_INTEGER
/** Sizes of Redis's own structures on a 64-bit machine. */
const STRUCTURES = 'bits:64 robj:16 dictentry:24 sdshdr5:1 sdshdr8:3 sdshdr16:5 sdshdr32:9 sdshdr64:17 '

const nothing = (): Reply => OK

/** C's atoi() is not 0. */
function isSet(text: ByteString): boolean {
  return (Number.parseInt(text, 10) || 0) !== 0
}

function sleep(call: Call, [seconds]: readonly ByteString[]): Reply {
  const micros = Math.floor((floatOf(seconds!) ?? 0) * 1_000_000)
  if (micros > 0) call.server.surroundings.sleep(micros)
  return OK
}

function skipChecksums({ server }: Call, [flag]: readonly ByteString[]): Reply {
  server.skipsChecksums = isSet(flag!)
  return OK
}

function changeReplicationId({ server }: Call): Reply {
  const { history } = server.replication
  history.renew()
  server.surroundings.log('warning', 'Changing replication IDs after receiving DEBUG change-repl-id')
  return OK
}

function replyBuffer(_call: Call, [what, value]: readonly ByteString[]): Reply {
  const name = what!.toUpperCase()
  if (name === 'RESIZING') return OK
  if (name !== 'PEAK-RESET-TIME') throw badCall('REPLYBUFFER')
  if (!['NEVER', 'RESET'].includes(value!.toUpperCase())) integerArgument(value!)
  return OK
}

const SUBCOMMANDS: Readonly<Record<string, Subcommand>> = {
  HELP: { words: [0, 0], run: () => helpReply(DEBUG_HELP) },
  DIGEST: { words: [0, 0], run: digest },
  'DIGEST-VALUE': { words: [0, ANY], run: digestValue },
  OBJECT: { words: [1, 1], run: object },
  SDSLEN: { words: [1, 1], run: sdsLength },
  LISTPACK: { words: [1, 1], run: listpack },
  QUICKLIST: { words: [1, 2], run: quicklist },
  HTSTATS: { words: [1, 1], run: tableStatistics },
  'HTSTATS-KEY': { words: [1, 1], run: valueTableStatistics },
  POPULATE: { words: [1, 3], run: populate },
  RELOAD: { words: [0, ANY], run: reload },
  'QUICKLIST-PACKED-THRESHOLD': { words: [1, 1], run: packedThreshold },
  PROTOCOL: { words: [1, 1], run: protocol },
  ERROR: { words: [1, 1], run: (_call, [text]) => new Failure(text!) },
  STRUCTSIZE: { words: [0, 0], run: () => STRUCTURES },
  SLEEP: { words: [1, 1], run: sleep },
  'CONFIG-REWRITE-FORCE-ALL': { words: [0, 0], run: rewriteAll },
  'CHANGE-REPL-ID': { words: [0, 0], run: changeReplicationId },
  LOG: {
    words: [1, 1],
    run: (call, [text]) => {
      call.server.surroundings.log('warning', `DEBUG LOG: ${text}`)
      return OK
    },
  },
  'SET-ACTIVE-EXPIRE': {
    words: [1, 1],
    run: (call, [isOn]) => {
      call.server.expiry.isOn = isSet(isOn!)
      return OK
    },
  },
  'PAUSE-CRON': {
    words: [1, 1],
    run: (call, [isPaused]) => {
      call.server.isCronPaused = isSet(isPaused!)
      return OK
    },
  },
  REPLICATE: {
    words: [1, ANY],
    run: (call, words) => {
      call.propagate(words)
      return OK
    },
  },
  'CLIENT-EVICTION': {
    words: [0, 0],
    run: ({ server }) => {
      const { clientsBytesMax } = server.settings
      if (clientsBytesMax === 0) throw new Refusal('ERR maxmemory-clients is disabled.')
      return `maxmemory-clients: ${clientsBytesMax}; clients are in no buckets here`
    },
  },
  'STRINGMATCH-TEST': {
    words: [0, 0],
    run: () => new Status('Apparently Redis did not crash: test passed'),
  },
  REPLYBUFFER: { words: [2, 2], run: replyBuffer },
  'AOF-FLUSH-SLEEP': { words: [1, 1], run: nothing },
  LEAK: { words: [1, 1], run: nothing },
  'SET-SKIP-CHECKSUM-VALIDATION': { words: [1, 1], run: skipChecksums },
  'SET-DISABLE-DENY-SCRIPTS': { words: [1, 1], run: nothing },
  'DROP-CLUSTER-PACKET-FILTER': { words: [1, 1], run: nothing },
}

function badCall(name: string): Refusal {
  return new Refusal(
    `ERR unknown subcommand or wrong number of arguments for '${name.slice(0, 128)}'. Try DEBUG HELP.`,
  )
}

function debug(call: Call): Reply {
  const [, name, ...words] = call.argv as [ByteString, ByteString, ...ByteString[]]
  const subcommand = SUBCOMMANDS[name.toUpperCase()]
  if (subcommand === undefined) throw badCall(name)
  const [low, high] = subcommand.words
  if (words.length < low || words.length > high) throw badCall(name)
  return subcommand.run(call, words)
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
