/**
 * MIGRATE: keys to another server, and then away from here.
 *
 * Redis stands still until the other server has answered. Here only writes do (pause.ts), so that a key
 * cannot change between its copy and its end; and within a transaction, where nobody can wait, it is
 * refused.
 *
 * Source: redis 7.0 `src/cluster.c`, migrateCommand; `src/db.c`, migrateGetKeys.
 */
import type { ByteString } from '../../../bytes/byte-string.ts'
import { encodeDump } from '../../../codec/rdb/encode-dump.ts'
import { integerArgument, word } from '../../arguments.ts'
import type { Call } from '../../call.ts'
import { defineCommands } from '../../command-spec.ts'
import type { Database } from '../../dataset/database.ts'
import { NEVER } from '../../dataset/entry.ts'
import { FOR_EVER } from '../../pause.ts'
import { packingLimits } from '../../persistence/packing.ts'
import { Failure, OK, Refusal, type Reply, Status, SYNTAX } from '../../replies.ts'

const DEFAULT_TIMEOUT_MS = 1000
/** Words that the options take, and the option behind which only keys come. */
const TAKES: Readonly<Record<string, number>> = { COPY: 0, REPLACE: 0, AUTH: 1, AUTH2: 2 }
const OPTIONS_AT = 6

type Options = {
  readonly copies: boolean
  readonly replaces: boolean
  /** AUTH and its words, if any. */
  readonly auth: readonly ByteString[] | undefined
  readonly keys: readonly ByteString[]
}

/** @throws Refusal */
function optionsOf(argv: readonly ByteString[]): Options {
  let [copies, replaces] = [false, false]
  let auth: readonly ByteString[] | undefined
  for (let i = OPTIONS_AT; i < argv.length; i++) {
    const name = word(argv[i]!)
    if (name === 'KEYS') {
      if (argv[3] !== '') {
        throw new Refusal(
          'ERR When using MIGRATE KEYS option, the key argument must be set to the empty string',
        )
      }
      return { copies, replaces, auth, keys: argv.slice(i + 1) }
    }
    const takes = TAKES[name]
    if (takes === undefined || i + takes >= argv.length) throw new Refusal(SYNTAX)
    if (name === 'COPY') copies = true
    else if (name === 'REPLACE') replaces = true
    else auth = ['AUTH' as ByteString, ...argv.slice(i + 1, i + 1 + takes)]
    i += takes
  }
  return { copies, replaces, auth, keys: [argv[3]!] }
}

type Parcel = { readonly key: ByteString; readonly restore: readonly ByteString[] }

/** The keys that are here, each with the words that make it over there. */
function pack(call: Call, { keys, replaces }: Options): Parcel[] {
  const limits = packingLimits(call.server.settings.limits)
  const parcels: Parcel[] = []
  for (const key of keys) {
    const entry = call.entry(key)
    if (entry === undefined) continue
    const left = entry.expireAt === NEVER ? 0 : Math.max(1, entry.expireAt - call.now)
    const payload = encodeDump(entry.value.rdb(), { limits })
    if (payload === undefined) throw new Refusal('ERR the value is too large to be moved')
    const restore = ['RESTORE', key, String(left), payload.toString('latin1')]
    if (replaces) restore.push('REPLACE')
    parcels.push({ key, restore: restore as ByteString[] })
  }
  return parcels
}

function migrate(call: Call): Reply {
  const { argv, server, session, db } = call
  const options = optionsOf(argv)
  const timeout = integerArgument(argv[5]!)
  const index = integerArgument(argv[4]!)
  const parcels = pack(call, options)
  if (parcels.length === 0) return new Status('NOKEY')
  if (session.isExecuting) throw new Refusal('ERR MIGRATE inside a transaction is not supported')
  const select = ['SELECT', String(index)] as ByteString[]
  const taken: ByteString[] = []
  const waiting = call.block([], 0, null)
  server.pause.begin('migrate', 'write', FOR_EVER)
  const onEnd = (problem: string | undefined): void => {
    server.executor.visit(() => {
      if (!options.copies && taken.length > 0) removeTaken(call, db, taken)
      server.pause.end('migrate')
      // It may have been unblocked, or have gone.
      const isWaiting = !session.isClosed && session.blockedIn === argv
      if (isWaiting) server.blocked.end(session, problem === undefined ? OK : new Failure(problem))
    })
  }
  const order = {
    host: argv[1]!,
    port: (Number.parseInt(argv[2]!, 10) || 0) & 0xffff,
    timeoutMicros: (timeout <= 0 ? DEFAULT_TIMEOUT_MS : timeout) * 1000,
    greetings: options.auth === undefined ? [select] : [options.auth, select],
    restores: parcels.map(({ restore }) => restore),
    onTaken: (at: number) => taken.push(parcels[at]!.key),
    onEnd,
  }
  server.migrations.begin(order)
  return waiting
}

/** What has arrived over there goes here, and so at the replicas. */
function removeTaken({ execution, server, session }: Call, db: Database, keys: readonly ByteString[]): void {
  execution.begin('client', session)
  const gone: ByteString[] = []
  try {
    for (const key of keys) {
      const entry = db.peek(key)
      if (entry === undefined) continue
      db.remove(entry)
      execution.touched(db, key)
      server.notifications.notify('g', 'del', key, db.index)
      server.dirty++
      gone.push(key)
    }
    if (gone.length > 0) execution.propagate(db.index, ['DEL' as ByteString, ...gone])
  } finally {
    execution.end()
  }
}

/** Where the keys are: the third word, or all behind KEYS. */
function keysOf(argv: readonly ByteString[]): readonly number[] {
  for (let i = OPTIONS_AT; i < argv.length; i++) {
    const name = word(argv[i]!)
    if (name === 'KEYS' && argv[3] === '') return [...argv.keys()].slice(i + 1)
    i += TAKES[name] ?? 0
  }
  return [3]
}

export const migrateCommands = defineCommands({
  migrate: {
    arity: -6,
    flags: ['write', 'movablekeys'],
    keys: { first: 3, last: 3, step: 1 },
    findKeys: keysOf,
    effect: 'own',
    run: migrate,
  },
})
