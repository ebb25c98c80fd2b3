/**
 * OBJECT: what a key's value looks like from inside.
 *
 * Source: redis 7.0 `src/object.c`, objectCommand.
 */
import { smallInteger } from '../../arguments.ts'
import type { Call } from '../../call.ts'
import { defineCommands, NO_KEYS } from '../../command-spec.ts'
import type { Settings } from '../../config/settings.ts'
import type { Entry } from '../../dataset/entry.ts'
import type { ValueFacts } from '../../dataset/value.ts'
import { Refusal, type Reply, Status } from '../../replies.ts'

const WAIT_FOR_DATA =
  'Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.'
const IDLE_UNKNOWN = `ERR An LFU maxmemory policy is selected, idle time not tracked. ${WAIT_FOR_DATA}`
const FREQUENCY_UNKNOWN = `ERR An LFU maxmemory policy is not selected, access frequency not tracked. ${WAIT_FOR_DATA}`
/** Small integers are one object for all keys in Redis, which is never freed. */
const SHARED_INTEGERS = 10_000
const SHARED_REFCOUNT = 2 ** 31 - 1

const HELP = [
  'OBJECT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:',
  'ENCODING <key>',
  '    Return the kind of internal representation used in order to store the value',
  '    associated with a <key>.',
  'FREQ <key>',
  '    Return the access frequency index of the <key>. The returned integer is',
  '    proportional to the logarithm of the recent access frequency of the key.',
  'IDLETIME <key>',
  '    Return the idle time of the <key>, that is the approximated number of',
  '    seconds elapsed since the last access to the key.',
  'REFCOUNT <key>',
  '    Return the number of references of the value associated with the specified',
  '    <key>.',
  'HELP',
  '    Prints this help.',
]

/** Looks without being noticed: the key is not used, and a miss is no event. */
function about(call: Call, tell: (entry: Entry) => Reply): Reply {
  const entry = call.execution.lookup(call.db, call.argv[2]!, 'silent')
  return entry === undefined ? null : tell(entry)
}

function encoding(call: Call): Reply {
  return about(call, ({ value }) => (value as ValueFacts).encoding(call.server.settings.limits))
}

/** How many keys share the value's object in Redis: one, but for small integers. */
export function refcountOf({ server }: Call, { value }: Entry): number {
  if (value.type !== 'string' || value.length > 4 || ownsIntegers(server.settings)) return 1
  const number = smallInteger(value.text)
  return number !== undefined && number >= 0 && number < SHARED_INTEGERS ? SHARED_REFCOUNT : 1
}

/** Where each object must know when it was used, integers are not shared. */
function ownsIntegers({ maxMemory, evictionPolicy }: Settings): boolean {
  return maxMemory > 0 && /l[rf]u$/.test(evictionPolicy)
}

function idleTime(call: Call): Reply {
  return about(call, ({ usedAt }) => {
    if (call.server.accesses.isLfu) throw new Refusal(IDLE_UNKNOWN)
    return Math.floor(call.now / 1000) - usedAt
  })
}

function frequency(call: Call): Reply {
  return about(call, (entry) => {
    if (!call.server.accesses.isLfu) throw new Refusal(FREQUENCY_UNKNOWN)
    return call.server.accesses.frequency(entry, call.now)
  })
}

const KEY = { first: 2, last: 2, step: 1 }
const OF_KEY = { arity: 3, flags: ['readonly'], keys: KEY, effect: 'none' } as const

export const objectCommands = defineCommands({
  object: {
    arity: -2,
    flags: [],
    keys: NO_KEYS,
    effect: 'none',
    run: () => null,
    subcommands: {
      encoding: {
        ...OF_KEY,
        run: encoding,
      },
      refcount: { ...OF_KEY, run: (call) => about(call, (entry) => refcountOf(call, entry)) },
      idletime: { ...OF_KEY, run: idleTime },
      freq: { ...OF_KEY, run: frequency },
      help: {
        arity: 2,
        flags: ['loading', 'stale'],
        keys: NO_KEYS,
        effect: 'none',
        run: () => HELP.map((line) => new Status(line)),
      },
    },
  },
})
