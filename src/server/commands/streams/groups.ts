/**
 * Consumer groups and their consumers: XGROUP.
 *
 * Source: redis 7.0 `src/t_stream.c`, xgroupCommand.
 */
import type { ByteString } from '../../../bytes/byte-string.ts'
import { bigintArgument, word } from '../../arguments.ts'
import type { Call } from '../../call.ts'
import { type CommandSpec, defineCommands, NO_KEYS } from '../../command-spec.ts'
import type { Consumer, ConsumerGroup } from '../../dataset/consumer-group.ts'
import { type Id, MIN_ID } from '../../dataset/stream-id.ts'
import { StreamValue } from '../../dataset/stream-value.ts'
import { OK, Refusal, type Reply, Status, shown } from '../../replies.ts'
import { looseId, strictId } from './ids.ts'

const NO_KEY =
  'ERR The XGROUP subcommand requires the key to exist. ' +
  'Note that for CREATE you may want to use the MKSTREAM option to create an empty stream automatically.'

function create(call: Call): Reply {
  const [, , key, name, text] = call.argv as [ByteString, ByteString, ByteString, ByteString, ByteString]
  const { entriesRead, mkstream } = groupOptions(call, true)
  const found = call.findForWrite(key, 'stream')
  if (found === undefined && !mkstream) throw new Refusal(NO_KEY)
  if (call.argv.length > 8) throw badSubcommand(call.argv, 'XGROUP')
  const lastId = text === '$' ? (found?.lastId ?? MIN_ID) : strictId(text)
  const value = found ?? new StreamValue()
  if (found === undefined) {
    call.add(key, value)
    call.modified(key, 0)
  }
  if (value.group(name) !== undefined) throw new Refusal('BUSYGROUP Consumer Group name already exists')
  value.addGroup(name, lastId, entriesRead)
  call.changes++
  call.notify('t', 'xgroup-create', key)
  return OK
}

type GroupOptions = { entriesRead: bigint | undefined; mkstream: boolean }

/** Options of CREATE and SETID, from argv[5] on. */
function groupOptions({ argv }: Call, isCreate: boolean): GroupOptions {
  const options: GroupOptions = { entriesRead: undefined, mkstream: false }
  for (let i = 5; i < argv.length; i++) {
    const name = word(argv[i]!)
    if (isCreate && name === 'MKSTREAM') options.mkstream = true
    else if (name === 'ENTRIESREAD' && i + 1 < argv.length) {
      const read = bigintArgument(argv[++i]!)
      if (read < -1n) throw new Refusal('ERR value for ENTRIESREAD must be positive or -1')
      options.entriesRead = read === -1n ? undefined : read
    } else throw badSubcommand(argv, 'XGROUP')
  }
  return options
}

/** What a container command says to words that none of its subcommands takes. */
export function badSubcommand(argv: readonly ByteString[], container: string): Refusal {
  const name = shown(argv[1]!, 128)
  return new Refusal(
    `ERR unknown subcommand or wrong number of arguments for '${name}'. Try ${container} HELP.`,
  )
}

function setid(call: Call): Reply {
  const text = call.argv[4]!
  const { entriesRead } = groupOptions(call, false)
  const { key, value, group } = existing(call)
  if (call.argv.length > 7) throw badSubcommand(call.argv, 'XGROUP')
  const lastId: Id = text === '$' ? value.lastId : looseId(text, 0)
  group.lastId = lastId
  group.entriesRead = entriesRead
  call.changes++
  call.notify('t', 'xgroup-setid', key)
  return OK
}

type Existing = { readonly key: ByteString; readonly value: StreamValue; readonly group: ConsumerGroup }

/** The group that argv[2] and argv[3] name. @throws Refusal where there is none */
function existing(call: Call): Existing {
  const [, , key, name] = call.argv as [ByteString, ByteString, ByteString, ByteString]
  const value = streamOf(call)
  const group = value.group(name)
  if (group === undefined)
    throw new Refusal(`NOGROUP No such consumer group '${shown(name)}' for key name '${shown(key)}'`)
  return { key, value, group }
}

function streamOf(call: Call): StreamValue {
  const value = call.findForWrite(call.argv[2]!, 'stream')
  if (value === undefined) throw new Refusal(NO_KEY)
  return value
}

function destroy(call: Call): Reply {
  const [, , key, name] = call.argv as [ByteString, ByteString, ByteString, ByteString]
  const value = streamOf(call)
  if (value.group(name) === undefined) return 0
  value.removeGroup(name)
  call.changes++
  call.notify('t', 'xgroup-destroy', key)
  // Those who wait for it are told that it has gone.
  call.server.blocked.touched(call.db.index, key)
  return 1
}

function createconsumer(call: Call): Reply {
  const { key, group } = existing(call)
  const name = call.argv[4]!
  if (group.consumers.has(name)) return 0
  newConsumer(call, key, group, name)
  return 1
}

/** A consumer comes into being, by its own command or because it reads or claims. */
export function newConsumer(call: Call, key: ByteString, group: ConsumerGroup, name: ByteString): Consumer {
  const consumer = group.addConsumer(name, call.now)
  call.changes++
  call.notify('t', 'xgroup-createconsumer', key)
  return consumer
}

function delconsumer(call: Call): Reply {
  const { key, group } = existing(call)
  const consumer = group.consumers.get(call.argv[4]!)
  if (consumer === undefined) return 0
  const pending = consumer.pending.length
  group.removeConsumer(consumer)
  call.changes++
  call.notify('t', 'xgroup-delconsumer', key)
  return pending
}

const HELP = [
  'XGROUP <subcommand> [<arg> [value] [opt] ...]. Subcommands are:',
  'CREATE <key> <groupname> <id|$> [option]',
  '    Create a new consumer group. Options are:',
  '    * MKSTREAM',
  '      Create the empty stream if it does not exist.',
  '    * ENTRIESREAD entries_read',
  "      Set the group's entries_read counter (internal use).",
  'CREATECONSUMER <key> <groupname> <consumer>',
  '    Create a new consumer in the specified group.',
  'DELCONSUMER <key> <groupname> <consumer>',
  '    Remove the specified consumer.',
  'DESTROY <key> <groupname>',
  '    Remove the specified group.',
  'SETID <key> <groupname> <id|$> [ENTRIESREAD entries_read]',
  '    Set the current group ID and entries_read counter.',
  'HELP',
  '    Prints this help.',
]

export function helpReply(lines: readonly string[]): Reply {
  return lines.map((line) => new Status(line))
}

const SUBCOMMAND = {
  flags: ['write'],
  keys: { first: 2, last: 2, step: 1 },
  effect: 'same',
} as const satisfies Partial<CommandSpec>

export const groupCommands = defineCommands({
  xgroup: {
    arity: -2,
    flags: [],
    keys: NO_KEYS,
    effect: 'none',
    run: (call) => {
      throw badSubcommand(call.argv, 'XGROUP')
    },
    subcommands: {
      create: { ...SUBCOMMAND, flags: ['write', 'denyoom'], arity: -5, run: create },
      setid: { ...SUBCOMMAND, arity: -5, run: setid },
      destroy: { ...SUBCOMMAND, arity: 4, run: destroy },
      createconsumer: { ...SUBCOMMAND, flags: ['write', 'denyoom'], arity: 5, run: createconsumer },
      delconsumer: { ...SUBCOMMAND, arity: 5, run: delconsumer },
      help: {
        arity: 2,
        flags: ['loading', 'stale'],
        keys: NO_KEYS,
        effect: 'none',
        run: () => helpReply(HELP),
      },
    },
  },
})
