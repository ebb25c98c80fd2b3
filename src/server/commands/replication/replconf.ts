/**
 * REPLCONF: what a replica says of itself before it follows, and how far it is once it does.
 *
 *   listening-port 6380 · ip-address 10.0.0.1 · capa eof capa psync2      answered
 *   rdb-only 1 · rdb-filter-only ""                                        answered
 *   ack <offset>                                                           never answered
 *
 * Options come in pairs and are applied from left to right, up to the first that is wrong.
 *
 * Source: redis 7.0 `src/replication.c`, replconfCommand.
 */
import type { ByteString } from '../../../bytes/byte-string.ts'
import { splitInline } from '../../../codec/resp/inline.ts'
import { integerArgument, smallInteger } from '../../arguments.ts'
import type { Call } from '../../call.ts'
import { defineCommands, NO_KEYS } from '../../command-spec.ts'
import type { AttachedReplica } from '../../replication/attached-replica.ts'
import { NOT_AN_INTEGER, OK, Refusal, type Reply, SILENCE, SYNTAX } from '../../replies.ts'

/** Room for an address, its end included. */
const ADDRESS_MAX = 256

function replconf(call: Call): Reply {
  const { argv, server, session } = call
  if (argv.length % 2 === 0) throw new Refusal(SYNTAX)
  const { replicas } = server.replication
  const replica = replicas.of(session)
  for (let i = 1; i < argv.length; i += 2) {
    const name = argv[i]!.toLowerCase()
    const value = argv[i + 1]!
    if (name === 'ack') {
      const offset = smallInteger(value)
      if (offset !== undefined) replicas.acked(replica, offset)
      return SILENCE
    }
    // Only a master may ask it, and that is not how it reaches a replica.
    if (name === 'getack') return SILENCE
    const option = Object.hasOwn(OPTIONS, name) ? OPTIONS[name] : undefined
    if (option === undefined) throw new Refusal(`ERR Unrecognized REPLCONF option: ${argv[i]}`)
    option(replica, value)
  }
  return OK
}

type Option = (replica: AttachedReplica, value: ByteString) => void

const OPTIONS: Readonly<Record<string, Option>> = {
  'listening-port': (replica, value) => {
    const port = smallInteger(value)
    if (port === undefined) throw new Refusal(NOT_AN_INTEGER)
    replica.listeningPort = port
  },
  'ip-address': (replica, value) => {
    if (value.length >= ADDRESS_MAX) {
      throw new Refusal(
        `ERR REPLCONF ip-address provided by replica instance is too long: ${value.length} bytes`,
      )
    }
    replica.announcedAddress = value
  },
  capa: (replica, value) => {
    const capability = value.toLowerCase()
    if (capability === 'eof') replica.readsMark = true
    else if (capability === 'psync2') replica.followsIds = true
  },
  'rdb-only': (replica, value) => {
    const number = integerArgument(value)
    if (number < 0 || number > 1) throw new Refusal('ERR value is out of range, value must between 0 and 1')
    replica.wantsOnlySnapshot = number === 1
  },
  'rdb-filter-only': (replica, value) => {
    const words = value === '' ? [] : splitInline(value)
    if (words === undefined) throw new Refusal('ERR Missing rdb-filter-only values')
    for (const part of words) {
      if (part.toLowerCase() !== 'functions') {
        throw new Refusal(`ERR Unsupported rdb-filter-only option: ${part}`)
      }
    }
    // There are no functions here: of either selection nothing is left but the header fields.
    replica.part = 'no-keys'
  },
}

export const replconfCommands = defineCommands({
  replconf: {
    arity: -1,
    flags: ['admin', 'noscript', 'loading', 'stale', 'allow_busy'],
    keys: NO_KEYS,
    effect: 'none',
    run: replconf,
  },
})
